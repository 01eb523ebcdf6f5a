package passkey

import "testing"

func TestAnotherPortIsAnotherOrigin(t *testing.T) {
	party := Config{RPID: "localhost", RPOrigins: []string{"http://localhost:8770"}}
	for origin, want := range map[string]bool{
		"http://localhost:8770":     true,
		"http://localhost:9000":     false,
		"http://localhost.evil.org": false,
	} {
		if got := party.Accepts(origin); got != want {
			t.Errorf("%s: %v", origin, got)
		}
	}
}
