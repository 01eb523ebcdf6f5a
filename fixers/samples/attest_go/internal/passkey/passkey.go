// Package passkey checks where a passkey may be used.
package passkey

import (
	"net/url"
	"slices"
)

// Config names the party that passkeys are bound to.
type Config struct {
	RPDisplayName string
	RPID          string
	RPOrigins     []string
}

// Accepts says whether a passkey that was used on a page of the origin counts here.
func (c Config) Accepts(origin string) bool {
	page, err := url.Parse(origin)
	return err == nil && page.Hostname() == c.RPID && slices.Contains(c.RPOrigins, origin)
}
