// The control channel and the heartbeat: threads that answer while a cell runs.
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <iostream>

#include <zmq_addon.hpp>

#include "server.h"

namespace tapescope_kernel {
namespace {

constexpr auto kPatience = std::chrono::milliseconds(500);  // for a cell that does not end at a shutdown
constexpr long kParentPoll = 1000;                          // milliseconds

}  // namespace

void Server::run_control() {
  while (true) {
    zmq_pollitem_t items[] = {{control_.handle(), 0, ZMQ_POLLIN, 0},
                              {nullptr, quit_.fd(), ZMQ_POLLIN, 0},
                              {events_.handle(), 0, ZMQ_POLLIN, 0}};
    zmq_poll(items, 3, -1);
    if (items[1].revents != 0) {
      return;
    }
    if (items[2].revents != 0) {
      forward_event();
    }
    try {
      xeus::xmessage message;
      if (wire_.receive(control_, message)) {
        dispatch_control(std::move(message));
      }
    } catch (const std::exception& error) {
      drop("control", error.what());
    }
    if (stop_) {
      end_if_stuck();
      return;
    }
  }
}

// It is signed already, by the same key.
void Server::forward_event() {
  zmq::multipart_t event;
  if (event.recv(events_, ZMQ_DONTWAIT)) {
    streams_.flush();
    const std::lock_guard lock(iopub_mutex_);
    event.send(iopub_);
  }
}

void Server::dispatch_control(xeus::xmessage message) {
  const nlohmann::json header = message.header();
  const std::string type = header.at("msg_type");
  const xeus::xmessage::guid_list identities = message.identities();
  control_replied_ = false;
  std::string refusal;
  if (type == "interrupt_request") {
    kill(getpid(), SIGINT);
  } else if (type == "kernel_info_request" || type == "shutdown_request" || type == "debug_request") {
    notify_control_listener(std::move(message));
  } else {
    refusal = R"("status":"error","ename":"BadRequest","evalue":"not a request of the control channel","traceback":[])";
  }
  if (!control_replied_ && type.ends_with("_request")) {
    wire_.send(control_, {.prefix = identities,
                          .header = wire_.make_header(type.substr(0, type.size() - 8) + "_reply"),
                          .parent_header = to_text(header),
                          .content = "{" + (refusal.empty() ? R"("status":"ok")" : refusal) + "}",
                          .buffers = {}});
  }
}

// Code that swallows the interrupt, or never gives the processor back, does not keep a kernel that was told to go.
void Server::end_if_stuck() {
  std::unique_lock lock(done_mutex_);
  if (!done_changed_.wait_for(lock, kPatience, [this] { return done_; })) {
    std::clog << "tapescope kernel: the running cell did not end; exiting without it" << std::endl;
    _exit(1);
  }
}

void Server::run_heartbeat() {
  const char* launcher = std::getenv("JPY_PARENT_PID");
  const bool has_parent = launcher != nullptr && std::atol(launcher) > 1;
  const pid_t parent = getppid();
  while (true) {
    zmq_pollitem_t items[] = {{heartbeat_.handle(), 0, ZMQ_POLLIN, 0}, {nullptr, quit_.fd(), ZMQ_POLLIN, 0}};
    zmq_poll(items, 2, has_parent ? kParentPoll : -1);
    if (items[1].revents != 0) {
      return;
    }
    zmq::message_t beat;
    if (items[0].revents != 0 && heartbeat_.recv(beat, zmq::recv_flags::dontwait)) {
      heartbeat_.send(beat, zmq::send_flags::none);
    }
    if (has_parent && getppid() != parent) {
      stop_impl();
      end_if_stuck();
      return;
    }
  }
}

}  // namespace tapescope_kernel
