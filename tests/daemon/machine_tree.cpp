// SPDX-License-Identifier: Apache-2.0
#include "tests/daemon/machine_tree.h"

#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <utility>
#include <vector>

namespace countersign::test {
namespace {

namespace fs = std::filesystem;

std::string unescaped(const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\' || i + 1 == text.size())
      out += text[i];
    else if (text[i + 1] == 'n')
      out += '\n', ++i;
    else if (text[i + 1] == 't')
      out += '\t', ++i;
    else if (text[i + 1] == 'x')
      out += static_cast<char>(std::stoi(text.substr(i + 2, 2), nullptr, 16)), i += 3;
    else
      out += text[i];
  }
  return out;
}

}  // namespace

void set_machine_file(const std::string& folder, const std::string& path,
                      const std::string& content) {
  fs::create_directories((fs::path(folder) / path).parent_path());
  std::ofstream file(fs::path(folder) / path, std::ios::binary | std::ios::trunc);
  file << content;
  if (!file.flush()) throw std::runtime_error("can't write " + folder + "/" + path);
}

void unpack_machine(const std::string& recording, const std::string& folder) {
  std::ifstream file(recording);
  if (!file) throw std::runtime_error("can't read " + recording);
  std::vector<std::pair<std::string, std::string>> links;
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line[0] == '#') continue;
    const std::size_t space = line.find(' ');
    const std::string path = line.substr(0, space);
    if (line.compare(space, 4, " -> ") == 0) {
      links.emplace_back(path, line.substr(space + 4));
      continue;
    }
    if (line.compare(space, 3, " = ") != 0 && line.compare(space, 3, " ! ") != 0)
      throw std::runtime_error(recording + ": " + line);
    set_machine_file(folder, path, unescaped(line.substr(space + 3)));
    if (line[space + 1] == '!') fs::permissions(fs::path(folder) / path, fs::perms::owner_read);
  }
  for (const auto& [path, target] : links) {
    fs::create_directories((fs::path(folder) / path).parent_path());
    fs::create_symlink(target, fs::path(folder) / path);
  }
}

}  // namespace countersign::test
