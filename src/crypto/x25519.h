#pragma once
// X25519 (RFC 7748, section 5), and the way from Ed25519's keys to its own.

#include <array>
#include <optional>

#include "base/bytes.h"
#include "base/secret.h"

namespace pgseal::crypto {

/// A point of Curve25519: the u coordinate of Montgomery's form, or Ed25519's encoding.
using CurvePoint = std::array<std::byte, 32>;

/// X25519(secret, base point): the public key of a secret of 32 bytes.
[[nodiscard]] CurvePoint x25519_public_key(const Secret& secret);
/// X25519(secret, point), 32 bytes; nothing where that is all zero.
[[nodiscard]] std::optional<Secret> x25519(const Secret& secret, const CurvePoint& point);
/// 32 random bytes.
[[nodiscard]] Secret make_x25519_secret();

/// The Ed25519 public key (RFC 8032, 5.1.5) of a seed of 32 bytes.
[[nodiscard]] CurvePoint ed25519_public_key(const Secret& seed);
/// An Ed25519 public key as one for X25519; nothing where it is none, or of small order.
[[nodiscard]] std::optional<CurvePoint> ed25519_to_x25519(const CurvePoint& public_key);
/// The secret for X25519 that belongs to an Ed25519 seed.
[[nodiscard]] Secret ed25519_to_x25519(const Secret& seed);

}  // namespace pgseal::crypto
