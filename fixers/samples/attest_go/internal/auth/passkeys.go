package auth

import "example.com/attest/internal/passkey"

// Passkeys are the settings of a login without a token.
func Passkeys() passkey.Config {
	return passkey.Config{
		RPDisplayName: "Attest",
		RPID:          "localhost",
		RPOrigins:     []string{"http://localhost:8770"},
	}
}
