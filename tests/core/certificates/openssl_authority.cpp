// SPDX-License-Identifier: Apache-2.0
#include "tests/core/certificates/openssl_authority.h"

#include <fmt/format.h>
#include <stdlib.h>

#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <fstream>
#include <iterator>

namespace countersign::test {
namespace {

void write(const std::filesystem::path& path, std::string_view text) {
  std::ofstream(path) << text;
}

constexpr std::string_view config = R"([ca]
default_ca = it
[it]
database = index.txt
new_certs_dir = .
certificate = ca.pem
private_key = ca.key
serial = serial
default_md = sha256
default_crl_days = 7
policy = any
unique_subject = no
[any]
commonName = supplied
[req]
distinguished_name = any_name
[any_name]
)";

}  // namespace

Bytes file_content(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  BOOST_REQUIRE_MESSAGE(file, path.string() << " can't be read");
  return {std::istreambuf_iterator<char>(file), {}};
}

OpensslAuthority::OpensslAuthority(const std::string& common_name,
                                   const std::string& more_extensions) {
  std::string name =
      (std::filesystem::temp_directory_path() / "countersign-authority-XXXXXX").string();
  BOOST_REQUIRE(mkdtemp(name.data()) != nullptr);
  folder_ = name;
  write(folder_ / "ca.cnf",
        fmt::format("{}[own]\nbasicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,"
                    "cRLSign\nsubjectKeyIdentifier=hash\n{}\n",
                    config, more_extensions));
  write(folder_ / "index.txt", "");
  write(folder_ / "serial", "1000\n");
  run("openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out ca.key");
  run(
      fmt::format("openssl req -new -x509 -config ca.cnf -extensions own -key ca.key -subj "
                  "'/CN={}' -days 3650 -out ca.pem",
                  common_name));
}

OpensslAuthority::~OpensslAuthority() {
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

void OpensslAuthority::run(const std::string& command) const {
  const std::string line = fmt::format("cd '{}' && {{ {}; }} >log 2>&1", folder_.string(), command);
  if (std::system(line.c_str()) == 0) return;
  const Bytes log = file_content(folder_ / "log");
  BOOST_FAIL(command << " failed: " << as_text(log));
}

crypto::Certificate OpensslAuthority::sign(const std::string& name, const std::string& extensions,
                                           const std::string& digest, int days) const {
  write(folder_ / (name + ".ext"), extensions);
  run(
      fmt::format("openssl ca -batch -notext -config ca.cnf -in {0}.csr -out {0}.pem -extfile "
                  "{0}.ext -md {1} -days {2}",
                  name, digest, days));
  return crypto::Certificate::parse_file(file_content(folder_ / (name + ".pem"))).value().front();
}

crypto::Certificate OpensslAuthority::issue(const Leaf& leaf) const {
  if (leaf.key_file.empty())
    run(fmt::format("openssl genpkey {} -out {}.key", leaf.key, leaf.name));
  else
    run(fmt::format("cp '{}' {}.key", leaf.key_file, leaf.name));
  run(fmt::format("openssl req -new -config ca.cnf -key {0}.key -subj '/CN={0}' -out {0}.csr",
                  leaf.name));
  return sign(leaf.name, leaf.extensions, leaf.digest, leaf.days);
}

crypto::Certificate OpensslAuthority::answer(const std::string& request, const std::string& name,
                                             const std::string& extensions) const {
  run(fmt::format("openssl req -in {} -verify -noout && cp {} {}.csr", request, request, name));
  return sign(name, extensions, "sha256", 30);
}

crypto::Certificate OpensslAuthority::certify(const OpensslAuthority& other,
                                              const std::string& extensions) const {
  run(
      fmt::format("openssl req -new -config ca.cnf -key '{}' -subj \"/$(openssl x509 -in '{}' "
                  "-noout -subject -nameopt RFC2253 | sed 's/subject=//')\" -out below.csr",
                  (other.folder() / "ca.key").string(), (other.folder() / "ca.pem").string()));
  return sign("below", extensions, "sha256", 3000);
}

void OpensslAuthority::revoke(const std::string& name) const {
  run(fmt::format("openssl ca -config ca.cnf -revoke {}.pem -crl_reason keyCompromise", name));
}

crypto::RevocationList OpensslAuthority::list(int days) const {
  run(fmt::format("openssl ca -config ca.cnf -gencrl -crldays {} -out ca.crl", days));
  return crypto::RevocationList::parse(file_content(folder_ / "ca.crl")).value();
}

Bytes OpensslAuthority::respond(BytesView request, const std::string& signer) const {
  write(folder_ / "request", as_text(request));
  const std::string who = signer.empty() ? "ca" : signer;
  run(
      fmt::format("openssl ocsp -index index.txt -CA ca.pem -rsigner {0}.pem -rkey {0}.key -reqin "
                  "request -respout response -ndays 1",
                  who));
  return file_content(folder_ / "response");
}

crypto::Certificate OpensslAuthority::certificate() const {
  return crypto::Certificate::parse_file(file_content(folder_ / "ca.pem")).value().front();
}

}  // namespace countersign::test
