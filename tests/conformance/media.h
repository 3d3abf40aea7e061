// File: media.h
//
// The smallest files a client will take for a picture and a sound.
#pragma once

#include <string_view>

namespace mcpgate::conformance {

/// A PNG of one red pixel.
std::string_view RedPixel();
/// A WAV of four silent samples (mono, 8 kHz, 8 bits).
std::string_view Silence();

}  // namespace mcpgate::conformance
