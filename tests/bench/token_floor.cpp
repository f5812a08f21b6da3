// SPDX-License-Identifier: Apache-2.0
// bench-token-floor: what any program that speaks to tokens pays before it speaks: the libraries
// loaded and initialised.
#include <fido.h>
#include <openssl/evp.h>

#include <iostream>

int main() {
  fido_init(0);
  EVP_MD* const digest = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  std::cout << (digest != nullptr ? "" : "no digest");
  EVP_MD_free(digest);
  return digest != nullptr ? 0 : 1;
}
