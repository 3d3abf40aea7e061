// File: transport/http/input_buffer.h
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>

namespace mcpgate::http {

/// InputBuffer
///
/// Bytes that arrived and were not used, in one piece. Not thread-safe.
class InputBuffer {
 public:
  std::string_view view() const { return {memory_.get() + begin_, end_ - begin_}; }
  bool empty() const { return begin_ == end_; }
  std::size_t size() const { return end_ - begin_; }

  /// Room for at least `least` more bytes, valid until the next call of a function that is not const.
  std::span<char> Room(std::size_t least) {
    if (capacity_ - end_ < least) MakeRoom(least);
    return {memory_.get() + end_, capacity_ - end_};
  }
  void Commit(std::size_t bytes) { end_ += bytes; }
  void Consume(std::size_t bytes) {
    begin_ += bytes;
    if (begin_ == end_) begin_ = end_ = 0;
  }
  /// Gives memory back that only a large request needed.
  void Shrink(std::size_t most) {
    if (!empty() || capacity_ <= most) return;
    memory_.reset();
    capacity_ = 0;
  }

 private:
  void MakeRoom(std::size_t least) {
    const std::size_t held = size();
    if (capacity_ - held >= least) {
      std::memmove(memory_.get(), memory_.get() + begin_, held);
    } else {
      const std::size_t capacity = std::max(held + least, 2 * held);
      std::unique_ptr<char[]> memory(new char[capacity]);
      if (held > 0) std::memcpy(memory.get(), memory_.get() + begin_, held);
      memory_ = std::move(memory);
      capacity_ = capacity;
    }
    begin_ = 0;
    end_ = held;
  }

  std::unique_ptr<char[]> memory_;
  std::size_t capacity_ = 0, begin_ = 0, end_ = 0;
};

}  // namespace mcpgate::http
