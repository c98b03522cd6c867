// The sockets and the main loop.
//
// Threads
//   * main: Python's; shell and stdin. Everything that runs user code runs here, with the GIL.
//   * control: interrupt and shutdown get through while a cell runs. It takes the GIL for the debugger alone.
//   * heartbeat: echoes, and notices when the process that started us is gone.
//   * any thread publishes: iopub has a lock, and each message brings its own parent.
// The last two and the streams' block all signals.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

#include <xeus/xkernel_configuration.hpp>
#include <xeus/xserver.hpp>
#include <zmq.hpp>

#include "capture.h"
#include "parent.h"
#include "streams.h"
#include "wake.h"
#include "wire.h"

namespace tapescope_kernel {

// What the server asks of the Python side; all are called on the main thread with the GIL.
struct Host {
  std::function<void()> wait;                                                // until a descriptor is readable
  std::function<int()> execution_count;                                      // number of the cell about to run
  std::function<void(const std::string& type, const xeus::xmessage&)> comm;  // comm_open, comm_msg, comm_close
  std::function<std::string(const std::string& target)> comm_info;           // content of the reply
  std::function<void()> check_signals;                                       // throws if a handler did
};

class Server : public xeus::xserver {
 public:
  Server(zmq::context_t& context, const xeus::xconfiguration& config, Host host);
  ~Server() override;

  // Any thread. Texts are JSON.
  void publish_text(const std::string& msg_type, std::string content, std::string metadata,
                    xeus::buffer_sequence buffers, const ParentPtr& parent);
  Streams& streams() { return streams_; }
  Capture& capture() { return capture_; }

  ParentPtr parent() const;  // of the request that the main thread handles, or handled last
  int shell_fd() const;
  int wake_fd() const { return wake_.fd(); }
  bool stopping() const { return stop_; }
  uint64_t dropped() const { return dropped_; }  // messages that were malformed, or not signed with our key

  // Asks the client of the current request; gives up the GIL by `unlocked` while it waits.
  std::string input(const std::string& prompt, bool password,
                    const std::function<void(std::function<void()>)>& unlocked);

 private:
  // xeus's part: what its core sends, and how it starts and stops us.
  xeus::xcontrol_messenger& get_control_messenger_impl() override;
  void send_shell_impl(xeus::xmessage message) override;
  void send_control_impl(xeus::xmessage message) override;
  void send_stdin_impl(xeus::xmessage message) override;
  void publish_impl(xeus::xpub_message message, xeus::channel channel) override;
  void start_impl(xeus::xpub_message message) override;
  void abort_queue_impl(const listener& reply, long polling_interval) override;
  void stop_impl() override;
  void update_config_impl(xeus::xconfiguration& config) const override;

  struct Messenger : xeus::xcontrol_messenger {
    explicit Messenger(Server& owner) : server(owner) {}
    nlohmann::json send_to_shell_impl(const nlohmann::json& message) override {
      return server.notify_internal_listener(message);
    }
    Server& server;
  };

  void drop(const char* channel, const char* reason);

  // shell.cpp
  bool next(xeus::xmessage& message);
  void dispatch(xeus::xmessage message);
  void dispatch_comm(const std::string& msg_type, const xeus::xmessage& message);
  void reply_shell(const xeus::xmessage& request, const std::string& msg_type, std::string content);
  void publish_status(const char* state, const ParentPtr& parent);
  void abort(const xeus::xmessage& request);
  void set_parent(const xeus::xmessage& message);

  // control.cpp
  void run_control();
  void dispatch_control(xeus::xmessage message);
  void forward_event();
  void run_heartbeat();
  void end_if_stuck();

  Wire wire_;
  Host host_;
  Messenger messenger_{*this};

  zmq::socket_t shell_;
  zmq::socket_t control_;
  zmq::socket_t stdin_;
  zmq::socket_t iopub_;
  zmq::socket_t heartbeat_;
  zmq::socket_t events_;  // what the debugger has to tell; the control thread passes it on to iopub
  std::mutex iopub_mutex_;
  std::mutex stdin_mutex_;

  mutable std::mutex parent_mutex_;
  ParentPtr parent_ = std::make_shared<const Parent>(Parent{{}, "{}"});

  std::deque<xeus::xmessage> queue_;  // read ahead of their turn
  size_t to_abort_ = 0;               // of the queue, those that came before the error
  int count_ = 0;                     // execution count of the running cell
  bool replied_ = false;              // the request in hand has its reply
  bool control_replied_ = false;

  std::atomic<bool> stop_ = false;
  std::atomic<bool> busy_ = false;
  std::atomic<uint64_t> dropped_ = 0;
  Wake wake_;  // ends the main thread's wait
  Wake quit_;  // ends control and heartbeat
  std::mutex done_mutex_;
  std::condition_variable done_changed_;
  bool done_ = false;  // the main loop has ended

  Streams streams_;
  Capture capture_;
  std::thread control_thread_;
  std::thread heartbeat_thread_;
};

}  // namespace tapescope_kernel
