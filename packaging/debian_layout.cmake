# Run by CPack between installing and packing: what Debian wants elsewhere, or compressed.

set(share ${CPACK_TEMPORARY_INSTALL_DIRECTORY}/usr/share)
set(doc ${share}/doc/${CPACK_PACKAGE_NAME})

file(RENAME ${share}/zsh/site-functions ${share}/zsh/vendor-completions)
file(RENAME ${doc}/LICENSE ${doc}/copyright)
file(RENAME ${doc}/CHANGELOG.md ${doc}/changelog)
file(COPY_FILE ${CPACK_PGSEAL_DEBIAN_CHANGELOG} ${doc}/changelog.Debian)

file(GLOB pages ${share}/man/man1/*.1)
execute_process(COMMAND gzip -9n ${doc}/changelog ${doc}/changelog.Debian ${pages}
                COMMAND_ERROR_IS_FATAL ANY)
