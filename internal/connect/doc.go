// Package connect works out what has to change in the configuration of a WAHA
// session so that its label events come to Tandai: a function of what WAHA has
// and what we want, see [Make]. It asks and writes nothing itself.
//
// WAHA replaces a session's whole configuration at a PUT, so everything that is
// not ours has to be put back as it was: other people's webhooks, metadata,
// proxies, and keys nobody here has heard of. The changes are therefore cut
// into the text that WAHA gave; what lies between the cuts stays byte for byte.
// Source: WAHA, src/structures/webhooks.config.dto.ts, sessions.dto.ts.
package connect
