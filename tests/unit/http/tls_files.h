// Certificates made on the spot.
#pragma once

#include <doctest/doctest.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <cstdio>
#include <memory>
#include <string>

#include "mcpgate/http.h"

namespace mcpgate::testing {

/// Writes a key and a certificate for it, signed by itself, to `<stem>.key` and `<stem>.pem`.
inline HttpTls WriteCertificate(const std::string& stem, const char* common_name) {
  const std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY*)> key(EVP_EC_gen("P-256"), EVP_PKEY_free);
  const std::unique_ptr<X509, void (*)(X509*)> certificate(X509_new(), X509_free);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -60);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3600);
  X509_set_pubkey(certificate.get(), key.get());
  X509_NAME* const name = X509_get_subject_name(certificate.get());
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>(common_name),
                             -1, -1, 0);
  X509_set_issuer_name(certificate.get(), name);
  REQUIRE(X509_sign(certificate.get(), key.get(), EVP_sha256()) != 0);
  HttpTls files{.certificate_file = stem + ".pem", .key_file = stem + ".key"};
  std::FILE* file = std::fopen(files.certificate_file.c_str(), "w");
  REQUIRE(file != nullptr);
  PEM_write_X509(file, certificate.get());
  std::fclose(file);
  file = std::fopen(files.key_file.c_str(), "w");
  REQUIRE(file != nullptr);
  PEM_write_PrivateKey(file, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  std::fclose(file);
  return files;
}

}  // namespace mcpgate::testing
