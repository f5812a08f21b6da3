// SPDX-License-Identifier: Apache-2.0
// bench-bare-echo SOCKET BYTES: Beast and nothing else: reads a request, answers with a body of so
// many bytes.
#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

#include <memory>
#include <string>

namespace asio = boost::asio;
namespace http = boost::beast::http;
using Local = asio::local::stream_protocol;

namespace {

struct Session : std::enable_shared_from_this<Session> {
  Session(Local::socket from, const std::string& text) : socket(std::move(from)), body(text) {}
  Local::socket socket;
  const std::string& body;
  boost::beast::flat_buffer buffer;
  http::request<http::string_body> request;
  http::response<http::string_body> response;

  void read() {
    request = {};
    http::async_read(
        socket, buffer, request,
        [self = shared_from_this()](const boost::system::error_code& error, std::size_t) {
          if (!error) self->write();
        });
  }
  void write() {
    response = {http::status::ok, 11};
    response.set(http::field::content_type, "application/json");
    response.body() = body;
    response.prepare_payload();
    http::async_write(
        socket, response,
        [self = shared_from_this()](const boost::system::error_code& error, std::size_t) {
          if (!error) self->read();
        });
  }
};

void accept(Local::acceptor& acceptor, const std::string& body) {
  acceptor.async_accept([&](const boost::system::error_code& error, Local::socket socket) {
    if (!error) std::make_shared<Session>(std::move(socket), body)->read();
    accept(acceptor, body);
  });
}

}  // namespace

int main(int, char** argv) {
  asio::io_context io(1);
  Local::acceptor acceptor(io, argv[1]);
  const std::string body(std::stoul(argv[2]), 'x');
  accept(acceptor, body);
  io.run();
}
