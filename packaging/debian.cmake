# What the Debian package says of itself; `make package` makes it from what `make install` installs.

set(PGSEAL_MAINTAINER "pgseal developers <pgseal@pgseal.invalid>" CACHE STRING
    "Who answers for a package: NAME <ADDRESS>")

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_CONTACT ${PGSEAL_MAINTAINER})
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "secure logical backups of PostgreSQL into S3 or a directory")
set(CPACK_PACKAGE_DIRECTORY ${CMAKE_BINARY_DIR}/package)
set(CPACK_STRIP_FILES ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
    OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)

set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_DEBIAN_PACKAGE_SECTION database)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
# Of whatever version, Debian's or the PostgreSQL project's.
set(CPACK_DEBIAN_PACKAGE_DEPENDS postgresql-client)
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS ca-certificates)
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "age, minisign, postgresql")
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION
"pgseal backs up databases that one may only reach over SQL, as Amazon RDS
and Aurora. It dumps, compresses, encrypts to a public key, signs and
stores, without a disk in between: the machine that writes a backup can
never read one back. A backup that did not finish does not exist, and
every one restores with stock programs too.")

string(TIMESTAMP now "%a, %d %b %Y %H:%M:%S +0000" UTC)
configure_file(${CMAKE_CURRENT_LIST_DIR}/changelog.in ${CMAKE_BINARY_DIR}/changelog.Debian @ONLY)
set(CPACK_PGSEAL_DEBIAN_CHANGELOG ${CMAKE_BINARY_DIR}/changelog.Debian)
set(CPACK_PRE_BUILD_SCRIPTS ${CMAKE_CURRENT_LIST_DIR}/debian_layout.cmake)
include(CPack)
