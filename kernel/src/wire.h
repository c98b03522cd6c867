// Jupyter's wire format, for what we send. The content of a message is JSON text from end to end: a document of some
// megabytes is spliced in, never parsed to be printed again.
#pragma once

#include <sys/types.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>
#include <xeus/xauthentication.hpp>
#include <xeus/xkernel_configuration.hpp>
#include <xeus/xmessage.hpp>
#include <zmq.hpp>

namespace tapescope_kernel {

struct OutMessage {
  std::vector<std::string> prefix;  // identities, or the topic on iopub
  std::string header;
  std::string parent_header = "{}";
  std::string metadata = "{}";
  std::string content = "{}";
  xeus::buffer_sequence buffers;
};

class Wire {
 public:
  explicit Wire(const xeus::xconfiguration& config);

  // Session and user of every header; xeus invents them, so they come from the first message it makes.
  void adopt_session(const nlohmann::json& header);
  std::string make_header(std::string_view msg_type) const;

  void send(zmq::socket_t& socket, OutMessage message) const;
  // xeus writes microseconds without padding, which readers take for another time: the date is made anew.
  void send(zmq::socket_t& socket, std::vector<std::string> prefix, xeus::xmessage_base& message) const;

  // Nothing if no message is waiting. Throws if what came is not ours: malformed, or signed with another key.
  bool receive(zmq::socket_t& socket, xeus::xmessage& message) const;

 private:
  std::unique_ptr<xeus::xauthentication> auth_;
  pid_t owner_;  // the process that opened the sockets
  std::string session_;
  std::string user_;
};

// JSON text; bytes that are not UTF-8 become U+FFFD instead of an exception.
std::string to_text(const nlohmann::json& value);
std::string quote(std::string_view text);

}  // namespace tapescope_kernel
