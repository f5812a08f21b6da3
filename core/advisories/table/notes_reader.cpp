// SPDX-License-Identifier: Apache-2.0
#include "core/advisories/table/notes_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <sstream>
#include <stdexcept>

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpragmas"
#pragma GCC diagnostic ignored "-Wterminate"
#include <toml++/toml.h>
#pragma GCC diagnostic pop

namespace countersign::notes {
namespace {

// Within this file an error is thrown, with what is wrong; it ends in read().
using Wrong = std::runtime_error;

void require_keys(const toml::table& table, std::initializer_list<std::string_view> known) {
  for (const auto& [key, node] : table)
    if (std::ranges::find(known, key.str()) == known.end())
      throw Wrong("unknown key '" + std::string(key.str()) + "'");
}

std::string text(const toml::table& table, std::string_view key, bool required = true) {
  const auto value = table[key].value<std::string>();
  if (!value && (required || table.contains(key)))
    throw Wrong("'" + std::string(key) + "' has to be a text");
  return value.value_or("");
}

std::vector<std::string> texts(const toml::table& table, std::string_view key) {
  std::vector<std::string> all;
  if (!table.contains(key)) return all;
  const toml::array* list = table[key].as_array();
  if (list == nullptr || list->empty())
    throw Wrong("'" + std::string(key) + "' has to be a list of texts");
  for (const toml::node& each : *list) {
    const auto value = each.value<std::string>();
    if (!value || value->empty())
      throw Wrong("'" + std::string(key) + "' has to be a list of texts");
    all.push_back(*value);
  }
  return all;
}

// The tables of [[key]].
template <class Take>
void each_table(const toml::table& table, std::string_view key, const Take& take) {
  const toml::array* list = table[key].as_array();
  if (list == nullptr || list->empty()) throw Wrong("there is no [[" + std::string(key) + "]]");
  for (const toml::node& each : *list) {
    if (!each.is_table()) throw Wrong("[[" + std::string(key) + "]] has to be tables");
    take(*each.as_table());
  }
}

template <class E>
E named(std::string_view key, const std::string& name) {
  const auto value = from_name<E>(name);
  if (!value) throw Wrong("'" + name + "' is no " + std::string(key));
  return *value;
}

template <class E>
std::vector<E> all_named(const toml::table& table, std::string_view key) {
  std::vector<E> all;
  for (const std::string& name : texts(table, key)) all.push_back(named<E>(key, name));
  return all;
}

std::uint16_t hex16(std::string_view digits) {
  std::uint16_t number = 0;
  const auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), number, 16);
  if (error != std::errc() || end != digits.data() + digits.size() || digits.size() != 4)
    throw Wrong("a USB id is four hexadecimal digits");
  return number;
}

std::pair<std::uint16_t, std::uint16_t> usb_id(const std::string& id) {
  if (id.size() != 9 || id[4] != ':') throw Wrong("'" + id + "' is no USB id: VVVV:PPPP");
  return {hex16(std::string_view(id).substr(0, 4)), hex16(std::string_view(id).substr(5))};
}

void require_aaguid(const std::string& id) {
  bool good = id.size() == 36;
  for (std::size_t i = 0; good && i < id.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    good = dash ? id[i] == '-' : (id[i] >= '0' && id[i] <= '9') || (id[i] >= 'a' && id[i] <= 'f');
  }
  if (!good) throw Wrong("'" + id + "' is no AAGUID in lower case");
}

TokenFamily family_of(const toml::table& table) {
  require_keys(table, {"name", "usb", "aaguids", "tpm_manufacturer"});
  TokenFamily family{.name = text(table, "name"),
                     .usb = {},
                     .aaguids = texts(table, "aaguids"),
                     .tpm_manufacturer = text(table, "tpm_manufacturer", false)};
  for (const std::string& id : texts(table, "usb")) family.usb.push_back(usb_id(id));
  std::ranges::for_each(family.aaguids, require_aaguid);
  if (family.usb.empty() && family.aaguids.empty() && family.tpm_manufacturer.empty())
    throw Wrong("nothing tells the family '" + family.name + "' from others");
  return family;
}

AdvisoryCase case_of(const toml::table& table, const std::vector<TokenFamily>& families) {
  require_keys(table, {"families", "component", "versions", "operations", "algorithms", "when",
                       "verdict", "high_assurance"});
  AdvisoryCase made{.component = text(table, "component", false),
                    .operations = all_named<TokenOperation>(table, "operations"),
                    .algorithms = all_named<KeyAlgorithm>(table, "algorithms"),
                    .verdict = named<AdvisoryVerdict>("verdict", text(table, "verdict"))};
  for (const std::string& name : texts(table, "families")) {
    const auto found = std::ranges::find(families, name, &TokenFamily::name);
    if (found == families.end()) throw Wrong("families.toml has no '" + name + "'");
    made.families.push_back(*found);
  }
  for (const std::string& range : texts(table, "versions")) {
    auto parsed = parse_firmware_range(range);
    if (!parsed) throw Wrong("'" + range + "' is no range of versions, such as \">=5.0.0 <5.7.0\"");
    made.ranges.push_back(std::move(*parsed));
  }
  if (table.contains("when")) made.when = named<Circumstance>("when", text(table, "when"));
  if (table.contains("high_assurance"))
    made.high_assurance = named<AdvisoryVerdict>("high_assurance", text(table, "high_assurance"));
  if (made.families.empty() && !made.when)
    throw Wrong("a case that is about every token needs a 'when'");
  return made;
}

HostLibrary library_of(const toml::table& table) {
  require_keys(table, {"packages", "id", "also", "since", "fixed", "fixed_in", "about", "avoided"});
  HostLibrary library{.packages = texts(table, "packages"),
                      .id = text(table, "id"),
                      .also = texts(table, "also"),
                      .fixed = text(table, "fixed"),
                      .since = text(table, "since", false),
                      .about = text(table, "about"),
                      .avoided = text(table, "avoided", false)};
  if (library.packages.empty()) throw Wrong("'packages' names none");
  if (const auto* releases = table["fixed_in"].as_table())
    for (const auto& [release, node] : *releases)
      library.fixed_in.emplace_back(std::string(release.str()), text(*releases, release.str()));
  return library;
}

template <class Make>
auto read(std::string_view content, const std::string& file, const Make& make)
    -> Result<decltype(make(toml::table()))> {
  // toml++ 3.3 is not sound on other letters outside of quotes.
  if (!std::ranges::all_of(content, [](char c) { return c == '\n' || (c >= ' ' && c <= '~'); }))
    return fail(Code::invalid, file + ": these files are ASCII without tabs");
  try {
    return make(toml::parse(content, file));
  } catch (const toml::parse_error& error) {
    return fail(Code::invalid,
                fmt::format("{}:{}: {}", file, error.source().begin.line, error.description()));
  } catch (const Wrong& wrong) {
    return fail(Code::invalid, file + ": " + wrong.what());
  }
}

std::string content_of(const std::filesystem::path& path) {
  std::ostringstream out;
  out << std::ifstream(path, std::ios::binary).rdbuf();
  return out.str();
}

}  // namespace

Result<std::vector<TokenFamily>> read_families(std::string_view content, const std::string& file) {
  return read(content, file, [](const toml::table& table) {
    require_keys(table, {"family"});
    std::vector<TokenFamily> families;
    each_table(table, "family", [&](const toml::table& each) {
      TokenFamily family = family_of(each);
      if (std::ranges::find(families, family.name, &TokenFamily::name) != families.end())
        throw Wrong("'" + family.name + "' comes twice");
      families.push_back(std::move(family));
    });
    return families;
  });
}

Result<Advisory> read_advisory(std::string_view content, const std::string& file,
                               const std::vector<TokenFamily>& families) {
  return read(content, file, [&](const toml::table& table) {
    require_keys(table, {"id", "also", "title", "about", "source", "case"});
    Advisory advisory{.id = text(table, "id"),
                      .also = texts(table, "also"),
                      .title = text(table, "title"),
                      .about = text(table, "about"),
                      .source = text(table, "source")};
    each_table(table, "case",
               [&](const toml::table& each) { advisory.cases.push_back(case_of(each, families)); });
    return advisory;
  });
}

Result<std::vector<HostLibrary>> read_host_libraries(std::string_view content,
                                                     const std::string& file) {
  return read(content, file, [](const toml::table& table) {
    require_keys(table, {"library"});
    std::vector<HostLibrary> libraries;
    each_table(table, "library",
               [&](const toml::table& each) { libraries.push_back(library_of(each)); });
    return libraries;
  });
}

Result<Notes> read_notes(const std::string& folder) {
  namespace fs = std::filesystem;
  Notes notes;
  auto families =
      TRY(read_families(content_of(fs::path(folder) / "families.toml"), "families.toml"));
  notes.families = std::move(families);
  auto libraries = TRY(read_host_libraries(content_of(fs::path(folder) / "host-libraries.toml"),
                                           "host-libraries.toml"));
  notes.host_libraries = std::move(libraries);
  std::vector<fs::path> files;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error))
    if (const auto name = entry->path().filename();
        name.extension() == ".toml" && name != "families.toml" && name != "host-libraries.toml")
      files.push_back(entry->path());
  if (error) return fail(Code::unavailable, folder + ": " + error.message());
  std::ranges::sort(files);
  for (const fs::path& file : files) {
    auto advisory = TRY(read_advisory(content_of(file), file.filename(), notes.families));
    if (advisory.id != file.stem())
      return fail(Code::invalid, file.filename().string() + ": is about " + advisory.id +
                                     ", and has to be named so");
    notes.advisories.push_back(std::move(advisory));
  }
  return notes;
}

}  // namespace countersign::notes
