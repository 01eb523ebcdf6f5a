package config

import "testing"

func TestThePortOfTheEnvironmentWins(t *testing.T) {
	t.Setenv("ATTEST_PORT", "9000")
	if got := Load().Port; got != 9000 {
		t.Errorf("port %d", got)
	}
	t.Setenv("ATTEST_PORT", "none")
	if got := Load().Port; got != 8770 {
		t.Errorf("port %d without a number", got)
	}
}
