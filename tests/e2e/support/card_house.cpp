// SPDX-License-Identifier: Apache-2.0
#include "tests/e2e/support/card_house.h"

#include <algorithm>
#include <stdexcept>

namespace countersign::test {
namespace {

std::string piv_lines(const Office& office, std::string more) {
  constexpr std::string_view place = "OFFICE";
  for (std::size_t at = more.find(place); at != std::string::npos; at = more.find(place))
    more.replace(at, place.size(), office.office.path());
  return "[piv]\nanchors = [\"" + office.authority.certificate() + "\"]\n" + more;
}

std::string piv_tool(std::vector<std::string> words) {
  words.insert(words.begin(), {"/usr/bin/yubico-piv-tool", "--reader=Virtual PCD 00 00"});
  return tool(words);
}

}  // namespace

Authority::Authority(const std::string& folder, const std::string& name)
    : folder_(folder), base_(folder + "/" + name), certificate_(base_ + ".pem") {
  tool({"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
        "-keyout", base_ + ".key", "-out", certificate_, "-subj", "/CN=" + name, "-days", "30",
        "-addext", "keyUsage=critical,keyCertSign,cRLSign"});
  write_file(base_ + ".index", "");
  write_file(base_ + ".conf", "[ca]\ndefault_ca=own\n[own]\ndatabase=" + base_ +
                                  ".index\ncrlnumber=" + base_ +
                                  ".number\ndefault_md=sha256\ndefault_crl_days=5\n");
  write_file(base_ + ".number", "01\n");
}

std::string Authority::issue(const std::string& public_key, const Wanted& wanted) const {
  const std::string certificate = public_key + ".cert", extensions = public_key + ".ext";
  std::string lines = "basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\n";
  if (!wanted.usage.empty()) lines += "extendedKeyUsage=" + wanted.usage + "\n";
  if (!wanted.names.empty()) lines += "subjectAltName=" + wanted.names + "\n";
  if (!wanted.responder.empty()) lines += "authorityInfoAccess=OCSP;URI:" + wanted.responder + "\n";
  write_file(extensions, lines);
  std::vector<std::string> words{"openssl",      "x509",  "-new",         "-force_pubkey",
                                 public_key,     "-CA",   certificate_,   "-CAkey",
                                 base_ + ".key", "-subj", wanted.subject, "-extfile",
                                 extensions,     "-out",  certificate};
  words.insert(words.end(), wanted.more.begin(), wanted.more.end());
  tool(words);
  return certificate;
}

void Authority::note_valid(const std::string& certificate) const {
  tool({"openssl", "ca", "-config", base_ + ".conf", "-cert", certificate_, "-keyfile",
        base_ + ".key", "-valid", certificate});
}

std::string Authority::revoke(const std::string& certificate) const {
  const std::string list = base_ + ".crl";
  if (!certificate.empty())
    tool({"openssl", "ca", "-config", base_ + ".conf", "-cert", certificate_, "-keyfile",
          base_ + ".key", "-revoke", certificate});
  tool({"openssl", "ca", "-config", base_ + ".conf", "-cert", certificate_, "-keyfile",
        base_ + ".key", "-gencrl", "-out", list});
  return list;
}

CardHouse::CardHouse(const std::string& more) : KeyHouse(piv_lines(*this, more)) {
  add_user(daemon, "alice");
  add_user(daemon, "bob");
}

void CardHouse::provision(const std::string& slot, const std::string& algorithm,
                          const Authority::Wanted& wanted, const Authority* by) const {
  const std::string key = office / (slot + ".pub");
  (void)piv_tool({"-a", "generate", "-s", slot, "-A", algorithm, "-o", key});
  (void)piv_tool({"-a", "import-certificate", "-s", slot, "-i",
                  (by != nullptr ? *by : authority).issue(key, wanted)});
}

void CardHouse::make_card(const std::string& name, const std::string& algorithm) const {
  {
    const SoftCard card = insert(Place::first_reader, name);
    (void)piv_tool({"-a", "set-chuid"});
    provision("9a", algorithm);
  }
  wait_for_card(OwnPcscd::first_reader, false);
}

std::string CardHouse::enroll_card(const std::string& user,
                                   const std::vector<std::string>& more) const {
  std::vector<std::string> words = {"enroll",    "piv", "--user",     user,
                                    "--timeout", "20",  "--pin-file", pin("123456")};
  words.insert(words.end(), more.begin(), more.end());
  const Done done = tap(words);
  if (done.exit_code != 0)
    throw std::runtime_error("enroll: " + boost::json::serialize(done.object));
  return text(done.object, "id");
}

KeyHouse::Done CardHouse::verify(const std::string& user, const std::string& pin_digits,
                                 const std::vector<std::string>& more) const {
  std::vector<std::string> words = {"verify", "--tap", "--pin-file", pin(pin_digits)};
  if (std::ranges::find(more, "--timeout") == more.end())
    words.insert(words.end(), {"--timeout", "20"});
  if (!user.empty()) words.insert(words.end(), {"--user", user});
  words.insert(words.end(), more.begin(), more.end());
  return tap(words);
}

std::string CardHouse::reason(const Done& done) const {
  const auto* verdict = done.object.if_contains("verdict");
  if (verdict == nullptr)
    throw std::runtime_error("no verdict: " + boost::json::serialize(done.object));
  return *verdict == "verified" ? "verified" : text(done.object, "reason");
}

std::int64_t CardHouse::pin_retries() const {
  const Json info = told(daemon, {"device", "info"});
  return info.at("card")
      .as_object()
      .at("applets")
      .as_array()
      .at(0)
      .as_object()
      .at("pin_retries")
      .as_int64();
}

std::vector<Json> CardHouse::devices() const {
  std::vector<Json> all;
  const Json list = told(daemon, {"device", "list"});
  for (const auto& each : list.at("devices").as_array()) all.push_back(each.as_object());
  return all;
}

std::string state_of(const CardHouse& house, const std::string& name) {
  return house.keys() + "/" + name + ".state";
}

}  // namespace countersign::test
