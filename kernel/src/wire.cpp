#include "wire.h"

#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <stdexcept>

#include <xeus/xguid.hpp>
#include <zmq_addon.hpp>

namespace tapescope_kernel {
namespace {

std::string now() {
  using namespace std::chrono;
  const auto time = system_clock::now();
  const std::time_t seconds = system_clock::to_time_t(time);
  const auto micros = duration_cast<microseconds>(time.time_since_epoch()).count() % 1'000'000;
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  std::array<char, 40> text{};
  const size_t length = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", &utc);
  std::snprintf(text.data() + length, text.size() - length, ".%06ldZ", static_cast<long>(micros));
  return text.data();
}

constexpr std::string_view kDelimiter = "<IDS|MSG>";

xeus::xraw_buffer raw(std::string_view text) {
  return {reinterpret_cast<const unsigned char*>(text.data()), text.size()};
}

xeus::xraw_buffer raw(const zmq::message_t& part) {
  return raw(part.to_string_view());
}

// A signal ends ZeroMQ's calls, also those that do not wait. Python looks at it later; a message stays whole.
template <class Call>
auto uninterrupted(Call call) {
  while (true) {
    try {
      return call();
    } catch (const zmq::error_t& error) {
      if (error.num() != EINTR) {
        throw;
      }
    }
  }
}

void send_parts(zmq::socket_t& socket, zmq::multipart_t& parts) {
  for (size_t i = 0; i < parts.size(); ++i) {
    const auto more = i + 1 < parts.size() ? zmq::send_flags::sndmore : zmq::send_flags::none;
    uninterrupted([&] { return socket.send(parts[i], more); });
  }
}

bool receive_parts(zmq::socket_t& socket, zmq::multipart_t& parts) {
  bool more = true;
  while (more) {
    zmq::message_t part;
    if (!uninterrupted([&] { return socket.recv(part, zmq::recv_flags::dontwait); })) {
      return false;
    }
    more = part.more();
    parts.add(std::move(part));
  }
  return true;
}

}  // namespace

std::string to_text(const nlohmann::json& value) {
  return value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string quote(std::string_view text) {
  return to_text(nlohmann::json(text));
}

// An empty key means that messages are not signed.
Wire::Wire(const xeus::xconfiguration& config)
    : auth_(xeus::make_xauthentication(config.m_key.empty() ? "none" : config.m_signature_scheme, config.m_key)),
      owner_(getpid()) {}

void Wire::adopt_session(const nlohmann::json& header) {
  session_ = header.value("session", "");
  user_ = header.value("username", "");
}

std::string Wire::make_header(std::string_view msg_type) const {
  return to_text({{"msg_id", std::string(xeus::new_xguid().c_str())},
                  {"msg_type", msg_type},
                  {"session", session_},
                  {"username", user_},
                  {"date", now()},
                  {"version", xeus::get_protocol_version()}});
}

void Wire::send(zmq::socket_t& socket, OutMessage message) const {
  if (getpid() != owner_) {
    return;  // a forked child: the sockets are its parent's
  }
  zmq::multipart_t parts;
  for (const std::string& part : message.prefix) {
    parts.addstr(part);
  }
  parts.addstr(std::string(kDelimiter));
  parts.addstr(
      auth_->sign(raw(message.header), raw(message.parent_header), raw(message.metadata), raw(message.content)));
  parts.addstr(message.header);
  parts.addstr(message.parent_header);
  parts.addstr(message.metadata);
  parts.addstr(message.content);
  for (const xeus::binary_buffer& buffer : message.buffers) {
    parts.addmem(buffer.data(), buffer.size());
  }
  send_parts(socket, parts);
}

void Wire::send(zmq::socket_t& socket, std::vector<std::string> prefix, xeus::xmessage_base& message) const {
  nlohmann::json header = message.header();
  header["date"] = now();
  send(socket, OutMessage{.prefix = std::move(prefix),
                          .header = to_text(header),
                          .parent_header = to_text(message.parent_header()),
                          .metadata = to_text(message.metadata()),
                          .content = to_text(message.content()),
                          .buffers = std::move(message).buffers()});
}

// Read here: xeus's reader takes frames off the end of what came without looking, and ends the process.
bool Wire::receive(zmq::socket_t& socket, xeus::xmessage& message) const {
  zmq::multipart_t parts;
  if (!receive_parts(socket, parts)) {
    return false;
  }
  size_t at = 0;
  xeus::xmessage::guid_list identities;
  while (at < parts.size() && parts[at].to_string_view() != kDelimiter) {
    identities.push_back(parts[at++].to_string());
  }
  constexpr size_t kTexts = 4;  // header, parent header, metadata, content; the signature stands before them
  if (at + 1 + kTexts >= parts.size()) {
    throw std::runtime_error("it has too few frames");
  }
  const zmq::message_t* texts = &parts[at + 2];
  if (!auth_->verify(raw(parts[at + 1]), raw(texts[0]), raw(texts[1]), raw(texts[2]), raw(texts[3]))) {
    throw std::runtime_error("its signature is wrong");
  }
  nlohmann::json json[kTexts];
  for (size_t i = 0; i < kTexts; ++i) {
    json[i] = nlohmann::json::parse(texts[i].to_string_view());
  }
  xeus::buffer_sequence buffers;
  for (size_t i = at + 2 + kTexts; i < parts.size(); ++i) {
    const char* data = parts[i].data<char>();
    buffers.emplace_back(data, data + parts[i].size());
  }
  message = xeus::xmessage(identities, std::move(json[0]), std::move(json[1]), std::move(json[2]), std::move(json[3]),
                           std::move(buffers));
  return true;
}

}  // namespace tapescope_kernel
