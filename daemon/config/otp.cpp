// SPDX-License-Identifier: Apache-2.0
#include "daemon/config/otp.h"

#include "core/encoding/base64.h"
#include "daemon/base/safe_file.h"
#include "daemon/config/otp_table.h"

namespace countersign {
namespace {

constexpr std::size_t longest_key_file = 4096, shortest_key = 16, most_servers = 8;
constexpr std::int64_t most_clients = 2'147'483'647;

bool plain_address(std::string_view address) {
  const bool web = address.starts_with("https://") || address.starts_with("http://");
  return web && address.find_first_of("?#@ ") == std::string_view::npos && !address.ends_with("//");
}

}  // namespace

namespace config {

Take otp_table(OtpServerSettings& settings) {
  return [&settings](const toml::node& node, const std::string& key,
                     const Reader& reader) -> Result<void> {
    const Keys keys = {
        {"servers", texts(settings.servers)},
        {"client_id", number(1, most_clients, settings.client)},
        {"key_file", text(settings.key_file)},
        {"seconds",
         number(1, 30, std::function<void(std::int64_t)>([&settings](std::int64_t value) {
                  settings.limit = std::chrono::seconds(value);
                }))}};
    TRY(reader.table(node, key, keys));
    if (settings.servers.empty() || settings.servers.size() > most_servers)
      return reader.wrong(node, key, "needs servers: one to eight addresses");
    for (const std::string& each : settings.servers)
      if (!plain_address(each))
        return reader.wrong(
            node, key,
            "has a server that is not a URL such as https://api.example.org/wsapi/2.0/verify");
    if (settings.client == 0)
      return reader.wrong(node, key, "needs client_id: this site's number at the servers");
    if (settings.key_file.empty())
      return reader.wrong(node, key, "needs key_file: answers count only when they are signed");
    return {};
  };
}

}  // namespace config

Result<std::shared_ptr<const otp_validation::Service>> otp_service(
    const OtpServerSettings& settings) {
  if (settings.servers.empty()) return nullptr;
  const auto content = TRY(read_secret_file(settings.key_file, longest_key_file));
  auto key = formats::base64_decode(content.expose_text());
  if (!key || key->size() < shortest_key)
    return fail(Code::invalid,
                settings.key_file +
                    " must contain the client's key in base64, as the servers' operator gave it");
  return std::make_shared<const otp_validation::Service>(
      otp_validation::Service{.client = settings.client, .key = std::move(*key)});
}

}  // namespace countersign
