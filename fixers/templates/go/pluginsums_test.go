package PACKAGE

import (
	"os"
	"path/filepath"
	"testing"
)

func TestVerifyPluginKnowsTheListedProgramsOnly(t *testing.T) {
	folder := t.TempDir()
	program, list := filepath.Join(folder, "plugin"), filepath.Join(folder, "sums")
	write := func(path, text string) {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	// echo -n right | sha256sum
	write(list, "27042f4e6eca7d0b2a7ee4026df2ecfa51d3339e6d122aa099118ecd8563bad9  plugin\n")
	for content, known := range map[string]bool{"right": true, "wrong": false} {
		write(program, content)
		t.Setenv("PREFIXPLUGIN_SUMS", list)
		if err := verifyPlugin(program); (err == nil) != known {
			t.Errorf("%s: %v", content, err)
		}
		t.Setenv("PREFIXPLUGIN_SUMS", filepath.Join(folder, "missing"))
		if err := verifyPlugin(program); err == nil {
			t.Errorf("%s: the list is missing, and the program is started", content)
		}
		t.Setenv("PREFIXPLUGIN_SUMS", "")
		if err := verifyPlugin(program); err != nil {
			t.Errorf("%s, no list: %v", content, err)
		}
	}
	write(filepath.Join(folder, "other"), "right")
	t.Setenv("PREFIXPLUGIN_SUMS", list)
	if err := verifyPlugin(filepath.Join(folder, "other")); err == nil {
		t.Error("the sum of another program is taken")
	}
}
