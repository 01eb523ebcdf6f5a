package PACKAGE

import "testing"

func TestBindHostAsksForAnAuthentication(t *testing.T) {
	for _, c := range []struct {
		setting       string
		authenticated bool
		want          string // "" is a refusal
	}{
		{"", false, "127.0.0.1"},
		{"", true, "127.0.0.1"},
		{"localhost", false, "127.0.0.1"},
		{"::1", false, "::1"},
		{"0.0.0.0", true, "0.0.0.0"},
		{"0.0.0.0", false, ""},
		{"::", false, ""},
		{"192.168.1.20", false, ""},
		{"box.example.com", false, ""},
	} {
		t.Setenv("PREFIXBIND_ADDRESS", c.setting)
		host, err := bindHost(c.authenticated)
		if host != c.want || (err == nil) != (c.want != "") {
			t.Errorf("%q, authenticated %v: %q, %v", c.setting, c.authenticated, host, err)
		}
	}
}
