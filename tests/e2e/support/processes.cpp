// SPDX-License-Identifier: Apache-2.0
#include "tests/e2e/support/processes.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace countersign::test {
namespace {

namespace fs = std::filesystem;

std::string proc(pid_t pid, const std::string& what) {
  return "/proc/" + std::to_string(pid) + "/" + what;
}

struct Mapping {
  std::uint64_t begin = 0, end = 0;
  std::string name;
  bool dumped = true;
};

std::vector<Mapping> mappings_of(pid_t pid) {
  std::vector<Mapping> all;
  std::ifstream maps(proc(pid, "smaps"));
  for (std::string line; std::getline(maps, line);) {
    if (line.starts_with("VmFlags:") && !all.empty()) all.back().dumped = !line.contains(" dd");
    if (line.find(':') < line.find(' ')) continue;  // a fact about the mapping above
    std::istringstream words(line);
    Mapping mapping;
    char dash = 0;
    std::string protection, offset, device, inode;
    words >> std::hex >> mapping.begin >> dash >> mapping.end >> protection >> offset >> device >>
        inode;
    std::getline(words >> std::ws, mapping.name);
    if (mapping.name.empty()) mapping.name = "anonymous";
    all.push_back(mapping);
  }
  std::erase_if(all, [](const Mapping& each) {
    return each.name == "[vvar]" || each.name == "[vvar_vclock]" || each.name == "[vsyscall]";
  });
  if (all.empty())
    throw std::runtime_error("the memory of process " + std::to_string(pid) + " can't be seen");
  return all;
}

// One mapping's bytes. A file that is mapped beyond its end has none there; neither has a guard
// page.
void read_mapping(int memory, const Mapping& mapping, std::string& into) {
  into.resize(mapping.end - mapping.begin);
  std::size_t got = 0;
  while (got < into.size()) {
    const ssize_t size = pread(memory, into.data() + got, into.size() - got,
                               static_cast<off_t>(mapping.begin + got));
    if (size <= 0) break;
    got += static_cast<std::size_t>(size);
  }
  if (got == 0) throw std::runtime_error(mapping.name + " can't be read: " + std::strerror(errno));
  into.resize(got);
}

std::vector<std::string> places_in(pid_t pid, std::string_view bytes,
                                   const std::function<bool(const Mapping&)>& wanted) {
  const int memory = open(proc(pid, "mem").c_str(), O_RDONLY | O_CLOEXEC);
  if (memory < 0)
    throw std::runtime_error("the memory of process " + std::to_string(pid) +
                             " can't be read: " + std::strerror(errno));
  std::vector<std::string> places;
  std::string content;
  try {
    for (const Mapping& mapping : mappings_of(pid)) {
      if (!wanted(mapping)) continue;
      read_mapping(memory, mapping, content);
      for (std::size_t at = content.find(bytes); at != std::string::npos;
           at = content.find(bytes, at + 1))
        places.push_back(mapping.name);
    }
  } catch (...) {
    close(memory);
    throw;
  }
  close(memory);
  return places;
}

// The state and the parent of /proc/PID/stat, which come after the name in parentheses.
bool is_child(pid_t pid, pid_t parent) {
  std::ifstream in(proc(pid, "stat"));
  std::string line;
  std::getline(in, line);
  const std::size_t end = line.rfind(')');
  if (end == std::string::npos) return false;
  std::istringstream rest(line.substr(end + 1));
  char state = 0;
  pid_t found = 0;
  rest >> state >> found;
  return found == parent && state != 'Z' && state != 'X';
}

}  // namespace

std::set<std::string> descriptors_of(pid_t pid) {
  std::set<std::string> found;
  for (const auto& entry : fs::directory_iterator(proc(pid, "fd")))
    found.insert(entry.path().filename());
  return found;
}

long status_kib(pid_t pid, const std::string& name) {
  std::ifstream in(proc(pid, "status"));
  for (std::string line; std::getline(in, line);)
    if (line.starts_with(name + ":")) return std::stol(line.substr(name.size() + 1));
  throw std::runtime_error("no " + name);
}

std::vector<pid_t> children_of(pid_t pid) {
  std::vector<pid_t> children;
  for (const auto& entry : fs::directory_iterator("/proc")) {
    const std::string name = entry.path().filename();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    if (const auto each = static_cast<pid_t>(std::stol(name)); is_child(each, pid))
      children.push_back(each);
  }
  return children;
}

std::string name_of(pid_t pid) {
  std::string name;
  std::getline(std::ifstream(proc(pid, "comm")), name);
  return name;
}

std::vector<std::string> places_in_memory(pid_t pid, std::string_view bytes) {
  return places_in(pid, bytes, [](const Mapping&) { return true; });
}

std::vector<std::string> places_in_core(pid_t pid, std::string_view bytes) {
  return places_in(pid, bytes, [](const Mapping& mapping) { return mapping.dumped; });
}

bool becomes_true(const std::function<bool()>& condition, int milliseconds) {
  for (int waited = 0; !condition(); waited += 10) {
    if (waited >= milliseconds) return false;
    usleep(10'000);
  }
  return true;
}

}  // namespace countersign::test
