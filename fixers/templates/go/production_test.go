package PACKAGE

import "testing"

func TestCheckSecretRefusesTheDefaultInProduction(t *testing.T) {
	for _, c := range []struct {
		production, value string
		refused           bool
	}{
		{"1", "default", true},
		{"1", "", true},
		{"1", "5f3a9c", false},
		{"true", "default", true},
		{"", "default", false},
		{"0", "", false},
	} {
		t.Setenv("PREFIXPRODUCTION", c.production)
		if err := CheckSecret("TOKEN", c.value, "default"); (err != nil) != c.refused {
			t.Errorf("production %q, value %q: %v", c.production, c.value, err)
		}
	}
}
