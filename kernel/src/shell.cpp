// The shell channel of the server: one request after another, on the main thread.

#include "server.h"

namespace tapescope_kernel {
namespace {

bool well_formed(const nlohmann::json& header) {
  return header.is_object() && header.contains("msg_type") && header["msg_type"].is_string() &&
         header.contains("msg_id") && header["msg_id"].is_string();
}

std::string reply_type(std::string msg_type) {
  constexpr std::string_view suffix = "_request";
  if (msg_type.ends_with(suffix)) {
    msg_type.resize(msg_type.size() - suffix.size());
  }
  return msg_type + "_reply";
}

}  // namespace

bool Server::next(xeus::xmessage& message) {
  if (!queue_.empty()) {
    message = std::move(queue_.front());
    queue_.pop_front();
    return true;
  }
  while (true) {
    try {
      return wire_.receive(shell_, message);
    } catch (const std::exception& error) {
      drop("shell", error.what());
    }
  }
}

void Server::set_parent(const xeus::xmessage& message) {
  auto parent = std::make_shared<const Parent>(Parent{message.identities(), to_text(message.header())});
  const std::lock_guard lock(parent_mutex_);
  parent_ = std::move(parent);
}

void Server::dispatch(xeus::xmessage message) {
  if (!well_formed(message.header())) {
    drop("shell", "its header lacks msg_type or msg_id");
    return;
  }
  const std::string type = message.header()["msg_type"];
  set_parent(message);
  replied_ = false;
  if (type.starts_with("comm_")) {
    dispatch_comm(type, message);
    return;
  }
  // xeus takes the message; what is needed should it give no answer is kept.
  const xeus::xmessage request(message.identities(), message.header(), {}, {}, {}, {});
  notify_shell_listener(std::move(message));
  if (!replied_ && type.ends_with("_request")) {
    reply_shell(request, reply_type(type),
                R"({"status":"error","ename":"BadRequest","evalue":"unknown or malformed request","traceback":[]})");
  }
}

// Comms are those of the `comm` package. xeus's own cap the id's length, and dislike to be closed by their handler.
void Server::dispatch_comm(const std::string& msg_type, const xeus::xmessage& message) {
  const ParentPtr request = parent();
  publish_status("busy", request);
  if (msg_type == "comm_info_request") {
    const nlohmann::json& content = message.content();
    const bool named = content.is_object() && content.contains("target_name") && content["target_name"].is_string();
    reply_shell(message, "comm_info_reply", host_.comm_info(named ? content["target_name"] : ""));
  } else {
    host_.comm(msg_type, message);
    capture_.drain();
  }
  publish_status("idle", request);
}

void Server::reply_shell(const xeus::xmessage& request, const std::string& msg_type, std::string content) {
  wire_.send(shell_, {.prefix = request.identities(),
                      .header = wire_.make_header(msg_type),
                      .parent_header = to_text(request.header()),
                      .content = std::move(content),
                      .buffers = {}});
}

void Server::publish_status(const char* state, const ParentPtr& parent) {
  publish_text("status", std::string("{\"execution_state\":\"") + state + "\"}", "{}", {}, parent);
}

void Server::send_shell_impl(xeus::xmessage message) {
  replied_ = true;
  if (message.header().value("msg_type", "") != "execute_reply") {
    wire_.send(shell_, message.identities(), message);
    return;
  }
  nlohmann::json content = message.content();
  content["execution_count"] = count_;
  if (content.value("status", "") == "error") {
    // Which requests an error aborts is settled before the client can know of it: one sent later is to run.
    xeus::xmessage waiting;
    try {
      while (wire_.receive(shell_, waiting)) {
        queue_.push_back(std::move(waiting));
      }
    } catch (const std::exception& error) {
      drop("shell", error.what());
    }
    to_abort_ = queue_.size();
  }
  xeus::xmessage reply(message.identities(), message.header(), message.parent_header(), message.metadata(),
                       std::move(content), {});
  wire_.send(shell_, message.identities(), reply);
}

void Server::abort_queue_impl(const listener&, long) {
  std::deque<xeus::xmessage> kept;
  for (size_t i = 0; i < queue_.size(); ++i) {
    if (i < to_abort_ && well_formed(queue_[i].header()) && queue_[i].header()["msg_type"] == "execute_request") {
      abort(queue_[i]);
    } else {
      kept.push_back(std::move(queue_[i]));
    }
  }
  queue_ = std::move(kept);
}

void Server::abort(const xeus::xmessage& request) {
  const auto parent = std::make_shared<const Parent>(Parent{request.identities(), to_text(request.header())});
  publish_status("busy", parent);
  reply_shell(request, "execute_reply", "{\"status\":\"aborted\",\"execution_count\":" + std::to_string(count_) + "}");
  publish_status("idle", parent);
}

}  // namespace tapescope_kernel
