// SPDX-License-Identifier: Apache-2.0
// Reads the files of firmware-notes/ (README.md there has their form). Used when building and by
// tests; no program links it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/advisories/advisories.h"
#include "core/advisories/host_libraries.h"
#include "core/base/result.h"

namespace countersign::notes {

// families.toml. invalid: the message begins with the file's name.
[[nodiscard]] Result<std::vector<TokenFamily>> read_families(std::string_view content,
                                                             const std::string& file);
// One advisory; the families that it names have to be there.
[[nodiscard]] Result<Advisory> read_advisory(std::string_view content, const std::string& file,
                                             const std::vector<TokenFamily>& families);
// host-libraries.toml
[[nodiscard]] Result<std::vector<HostLibrary>> read_host_libraries(std::string_view content,
                                                                   const std::string& file);

struct Notes {
  std::vector<TokenFamily> families;
  Advisories advisories;  // by file name
  std::vector<HostLibrary> host_libraries;
};
// All files of the folder whose names end with .toml. An advisory's file is named by its id.
[[nodiscard]] Result<Notes> read_notes(const std::string& folder);

}  // namespace countersign::notes
