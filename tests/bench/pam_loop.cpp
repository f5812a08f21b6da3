// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/pam_loop.h"

#include <security/pam_appl.h>

#include <cstdlib>
#include <cstring>
#include <fstream>

namespace countersign::bench {
namespace {

constexpr const char* service = "bench";

int answer(int count, const pam_message** /*messages*/, pam_response** responses, void* code) {
  auto* out = static_cast<pam_response*>(
      std::calloc(static_cast<std::size_t>(count), sizeof(pam_response)));
  for (int i = 0; i < count; ++i) out[i].resp = strdup(static_cast<const char*>(code));
  *responses = out;
  return PAM_SUCCESS;
}

}  // namespace

void write_stack(const std::string& folder, const std::string& line) {
  std::ofstream(folder + "/" + service)
      << "auth required " << line << "\naccount required pam_permit.so\n";
}

bool logs_in(const std::string& folder, const std::string& user, std::string code) {
  const pam_conv conversation{&answer, code.data()};
  pam_handle_t* pam = nullptr;
  if (pam_start_confdir(service, user.c_str(), &conversation, folder.c_str(), &pam) != PAM_SUCCESS)
    return false;
  const int result = pam_authenticate(pam, PAM_SILENT);
  pam_end(pam, result);
  return result == PAM_SUCCESS;
}

}  // namespace countersign::bench
