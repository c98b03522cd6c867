#include "server.h"

#include <bit>
#include <csignal>
#include <iostream>
#include <stdexcept>

#include <xeus/xmiddleware.hpp>

namespace tapescope_kernel {
namespace {

constexpr long kSignalPause = 100;  // milliseconds: a signal just before a wait does not end it, and is looked at then

void listen(zmq::socket_t& socket, const xeus::xconfiguration& config, const std::string& port) {
  socket.set(zmq::sockopt::linger, 500);
  // No mark: past one, ZeroMQ drops messages without a word.
  socket.set(zmq::sockopt::sndhwm, 0);
  socket.set(zmq::sockopt::rcvhwm, 0);
  const std::string end_point = xeus::get_end_point(config.m_transport, config.m_ip, port);
  try {
    socket.bind(end_point);
  } catch (const zmq::error_t& error) {
    throw std::runtime_error("cannot listen on " + end_point + ": " + error.what());
  }
}

}  // namespace

Server::Server(zmq::context_t& context, const xeus::xconfiguration& config, Host host)
    : wire_(config),
      host_(std::move(host)),
      shell_(context, ZMQ_ROUTER),
      control_(context, ZMQ_ROUTER),
      stdin_(context, ZMQ_ROUTER),
      iopub_(context, ZMQ_PUB),
      heartbeat_(context, ZMQ_REP),
      events_(context, ZMQ_SUB),
      streams_([this](const std::string& name, const std::string& text, const ParentPtr& parent) {
        const std::lock_guard lock(iopub_mutex_);
        wire_.send(iopub_, {.prefix = {"stream." + name},
                            .header = wire_.make_header("stream"),
                            .parent_header = parent->header,
                            .content = "{\"name\":" + quote(name) + ",\"text\":" + quote(text) + "}",
                            .buffers = {}});
      }),
      capture_([this](std::string_view name, std::string_view text) { streams_.write(name, text, parent()); }) {
  for (zmq::socket_t* router : {&shell_, &control_, &stdin_}) {
    // A client that reconnects under its old identity takes over its place.
    router->set(zmq::sockopt::router_handover, true);
  }
  listen(shell_, config, config.m_shell_port);
  listen(control_, config, config.m_control_port);
  listen(stdin_, config, config.m_stdin_port);
  listen(iopub_, config, config.m_iopub_port);
  listen(heartbeat_, config, config.m_hb_port);
  events_.set(zmq::sockopt::subscribe, "");
  events_.bind(xeus::get_publisher_end_point());
}

Server::~Server() {
  quit_.raise();
  if (control_thread_.joinable()) {
    control_thread_.join();
  }
  if (heartbeat_thread_.joinable()) {
    heartbeat_thread_.join();
  }
}

void Server::drop(const char* channel, const char* reason) {
  const uint64_t count = ++dropped_;
  // The 1st, 2nd, 4th, 8th…: whoever sends rubbish without end does not fill the log as well.
  if (std::has_single_bit(count)) {
    std::clog << "tapescope kernel: dropped a message on " << channel << ": " << reason << " (" << count << " so far)"
              << std::endl;
  }
}

void Server::publish_text(const std::string& msg_type, std::string content, std::string metadata,
                          xeus::buffer_sequence buffers, const ParentPtr& parent) {
  streams_.flush();
  const std::lock_guard lock(iopub_mutex_);
  wire_.send(iopub_, {.prefix = {"kernel." + msg_type},
                      .header = wire_.make_header(msg_type),
                      .parent_header = parent->header,
                      .metadata = std::move(metadata),
                      .content = std::move(content),
                      .buffers = std::move(buffers)});
}

ParentPtr Server::parent() const {
  const std::lock_guard lock(parent_mutex_);
  return parent_;
}

int Server::shell_fd() const {
  return shell_.get(zmq::sockopt::fd);
}

xeus::xcontrol_messenger& Server::get_control_messenger_impl() {
  return messenger_;
}

void Server::send_control_impl(xeus::xmessage message) {
  control_replied_ = true;
  wire_.send(control_, message.identities(), message);
}

void Server::send_stdin_impl(xeus::xmessage message) {
  wire_.send(stdin_, message.identities(), message);
}

void Server::publish_impl(xeus::xpub_message message, xeus::channel channel) {
  if (channel == xeus::channel::SHELL && message.header().value("msg_type", "") == "execute_input") {
    // xeus counts every run, IPython those that are stored: one number goes to everyone.
    count_ = host_.execution_count();
    nlohmann::json content = message.content();
    content["execution_count"] = count_;
    publish_text("execute_input", to_text(content), "{}", {}, parent());
    return;
  }
  streams_.flush();
  const std::lock_guard lock(iopub_mutex_);
  wire_.send(iopub_, {message.topic()}, message);
}

void Server::start_impl(xeus::xpub_message message) {
  wire_.adopt_session(message.header());
  {
    const SignalBlock block;
    control_thread_ = std::thread([this] { run_control(); });
    heartbeat_thread_ = std::thread([this] { run_heartbeat(); });
  }
  publish_impl(std::move(message), xeus::channel::CONTROL);
  while (!stop_) {
    xeus::xmessage request;
    if (next(request)) {
      busy_ = true;
      dispatch(std::move(request));
      busy_ = false;
    } else {
      host_.wait();
    }
  }
  capture_.drain();
  streams_.flush();
  const std::lock_guard lock(done_mutex_);
  done_ = true;
  done_changed_.notify_all();
}

void Server::stop_impl() {
  stop_ = true;
  wake_.raise();
  if (busy_) {
    kill(getpid(), SIGINT);  // the running cell ends as by an interrupt
  }
}

// The ports are those of the connection file: there is nothing to fill in.
void Server::update_config_impl(xeus::xconfiguration&) const {}

std::string Server::input(const std::string& prompt, bool password,
                          const std::function<void(std::function<void()>)>& unlocked) {
  const ParentPtr request = parent();
  streams_.flush();
  std::unique_lock lock(stdin_mutex_, std::defer_lock);
  unlocked([&] { lock.lock(); });
  xeus::xmessage reply;
  try {
    while (wire_.receive(stdin_, reply)) {
    }  // answers to questions that were interrupted
  } catch (const std::exception& error) {
    drop("stdin", error.what());
  }
  wire_.send(stdin_,
             {.prefix = request->identities,
              .header = wire_.make_header("input_request"),
              .parent_header = request->header,
              .content = "{\"prompt\":" + quote(prompt) + ",\"password\":" + (password ? "true" : "false") + "}",
              .buffers = {}});
  while (true) {
    try {
      if (wire_.receive(stdin_, reply)) {
        return reply.content().value("value", "");
      }
    } catch (const std::exception& error) {
      drop("stdin", error.what());
      continue;
    }
    unlocked([&] {
      zmq_pollitem_t items[] = {{stdin_.handle(), 0, ZMQ_POLLIN, 0}, {nullptr, wake_.fd(), ZMQ_POLLIN, 0}};
      zmq_poll(items, 2, kSignalPause);  // a signal ends it too
    });
    host_.check_signals();
    if (stop_) {
      throw std::runtime_error("the kernel is shutting down");
    }
  }
}

}  // namespace tapescope_kernel
