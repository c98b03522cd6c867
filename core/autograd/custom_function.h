// Functions with a derivative of their own: what a node and the tensors that its forward returned become to each other,
// and the C++ form of such functions. The Python form is in core/python/python_function.h.
//
//     struct Cube : Function<Cube> {
//       static Tensor forward(AutogradContext& ctx, const Tensor& x, double scale) {
//         ctx.save_for_backward({x});
//         ctx.saved_data["scale"] = scale;
//         return x * x * x * scale;
//       }
//       static std::vector<Tensor> backward(AutogradContext& ctx, std::vector<Tensor> grads) {
//         const Tensor x = ctx.get_saved_variables()[0];
//         return {grads[0] * x * x * (3 * std::any_cast<double>(ctx.saved_data["scale"])), {}};  // one an argument
//       }
//     };
//     Tensor y = Cube::apply(x, 2.0);
//
// Invariants
//   * forward runs in no_grad mode; saved variables are made after it, when its results have their history.
//   * backward gets one gradient a result (zeros where none came, unless set_materialize_grads(false)) and returns one
//     an argument: undefined for what is no tensor, or needs none.
#pragma once

#include <any>
#include <string>
#include <typeinfo>
#include <unordered_map>
#include <vector>

#include "core/graph/node.h"
#include "core/graph/observer.h"
#include "core/graph/saved_variable.h"

namespace tapescope {

// What the rules for results need to know of a call. Tensors are known by their impl.
struct WrapRules {
  std::vector<TensorImpl*> inputs, non_differentiable, dirty;
  std::vector<TensorImpl*> saved_by_setup;  // saved, or to be, where the context is set up after forward
  bool pure_view = false;                   // replaying the view is its right backward
};

// Gives the results (undefined: no tensor) their history, by PyTorch's rules for marked, returned and viewed tensors;
// `node` (null: nothing is recorded) has an input for each. Throws AutogradError.
void _wrap_outputs(const WrapRules& rules, const Ref<Node>& node, std::span<Tensor> outputs);
// Counts a write to a tensor that forward says it wrote to.
void _mark_dirty(const Tensor& t);

class AutogradContext {
 public:
  // Saved once forward has returned; a second call takes the place of the first.
  void save_for_backward(std::vector<Tensor> tensors) { to_save_ = std::move(tensors); }
  // In the order of save_for_backward. Throws AutogradError once the graph was freed, or if one was written since.
  std::vector<Tensor> get_saved_variables() const;
  void mark_dirty(const std::vector<Tensor>& tensors);
  void mark_non_differentiable(const std::vector<Tensor>& tensors);
  void set_materialize_grads(bool on) noexcept { materialize_ = on; }
  // Whether the i-th tensor among the arguments needs a gradient.
  bool needs_input_grad(size_t i) const;

  std::unordered_map<std::string, std::any> saved_data;

 private:
  friend class CppNodeBase;
  std::vector<Tensor> to_save_;
  std::vector<SavedVariable> saved_;
  WrapRules rules_;
  bool materialize_ = true;
  Node* node_ = nullptr;
};

// The node of a C++ function; what does not depend on which.
class CppNodeBase : public WideNode {
 public:
  // `arguments`: the tensors among them, undefined for others.
  explicit CppNodeBase(std::vector<Tensor> arguments);
  void apply(std::span<Tensor> grads, std::span<Tensor> out) override;
  void release_saved() override;
  std::vector<Slot> slots() const override;

 protected:
  // Calls forward in no_grad mode, and wires its results. `schema` names the function to observers.
  std::vector<Tensor> run(const OpSchema& schema, Ref<CppNodeBase> self,
                          const std::function<std::vector<Tensor>(AutogradContext&)>& forward);
  virtual std::vector<Tensor> backward(AutogradContext& ctx, std::vector<Tensor> grads) = 0;

 private:
  AutogradContext ctx_;
  std::vector<Tensor> arguments_;  // during forward alone
  std::vector<bool> is_tensor_;
  std::vector<const TensorMeta*> output_info_;
};

// How the slots of a custom function are called: "saved_tensors[0]" …
std::string_view saved_slot_name(size_t i);
// The class's name, readable.
std::string readable_name(const std::type_info& type);

template <class T>
class CppNode final : public CppNodeBase {
 public:
  using CppNodeBase::CppNodeBase;
  const NodeType& type() const override {
    static const NodeType t{readable_name(typeid(T)) + "Backward", {}};
    return t;
  }
  template <class... Args>
  static std::vector<Tensor> call(const Args&... args) {
    static const std::string name = readable_name(typeid(T));
    static const OpSchema schema{name.c_str()};
    auto node = Ref<CppNode>::adopt(new CppNode({tensor_or_none(args)...}));
    return node->run(schema, node, [&](AutogradContext& ctx) -> std::vector<Tensor> {
      if constexpr (std::is_same_v<decltype(T::forward(ctx, args...)), Tensor>)
        return {T::forward(ctx, args...)};
      else
        return T::forward(ctx, args...);
    });
  }

 private:
  template <class A>
  static Tensor tensor_or_none(const A& a) {
    if constexpr (std::is_same_v<A, Tensor>)
      return a;
    else
      return {};
  }
  std::vector<Tensor> backward(AutogradContext& ctx, std::vector<Tensor> grads) override {
    return T::backward(ctx, std::move(grads));
  }
};

// T has `forward(ctx, args…)`, which returns a Tensor or a vector of them, and `backward(ctx, grads)`.
template <class T>
struct Function {
  template <class... Args>
  static auto apply(const Args&... args) {
    std::vector<Tensor> out = CppNode<T>::call(args...);
    if constexpr (std::is_same_v<decltype(T::forward(std::declval<AutogradContext&>(), args...)), Tensor>)
      return std::move(out[0]);
    else
      return out;
  }
};

}  // namespace tapescope
