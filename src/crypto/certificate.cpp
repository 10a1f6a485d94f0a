#include "crypto/certificate.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <ctime>
#include <memory>

#include "crypto/openssl_error.h"

namespace pgseal::crypto {

namespace {

std::string text_of(const X509_NAME* name) {
  char common[256];
  if (X509_NAME_get_text_by_NID(const_cast<X509_NAME*>(name), NID_commonName, common,
                                sizeof common) > 0) {
    return common;
  }
  const std::unique_ptr<BIO, decltype(&BIO_free_all)> bio(BIO_new(BIO_s_mem()), BIO_free_all);
  check(bio && X509_NAME_print_ex(bio.get(), name, 0, XN_FLAG_RFC2253) >= 0,
        "write a certificate's name");
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

Certificate describe(const X509* certificate) {
  std::tm end{};
  check(ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &end) == 1,
        "read a certificate's validity");
  return {text_of(X509_get_subject_name(certificate)),
          std::chrono::sys_seconds(std::chrono::seconds(::timegm(&end)))};
}

}  // namespace

std::vector<Certificate> read_certificates(std::string_view pem) {
  const std::unique_ptr<BIO, decltype(&BIO_free_all)> bio(
      BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), BIO_free_all);
  check(bio != nullptr, "read certificates");
  std::vector<Certificate> certificates;
  while (const std::unique_ptr<X509, decltype(&X509_free)> certificate{
      PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr), X509_free}) {
    certificates.push_back(describe(certificate.get()));
  }
  // What ends the loop is that no PEM block is left, or one that is damaged.
  const unsigned long last = ERR_peek_last_error();
  const bool at_end =
      ERR_GET_LIB(last) == ERR_LIB_PEM && ERR_GET_REASON(last) == PEM_R_NO_START_LINE;
  const std::string reason = take_openssl_error();
  if (!at_end) throw Error(Exit::usage, "cannot read a certificate: " + reason);
  if (certificates.empty()) throw Error(Exit::usage, "there is no certificate in it");
  return certificates;
}

}  // namespace pgseal::crypto
