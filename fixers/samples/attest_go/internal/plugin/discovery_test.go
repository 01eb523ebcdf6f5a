package plugin

import (
	"context"
	"os"
	"path/filepath"
	"testing"
)

func TestThePluginOfTheFirstFolderStarts(t *testing.T) {
	folder := t.TempDir()
	if _, err := Start(context.Background(), []string{folder}, "echo"); err == nil {
		t.Fatal("started a plug-in that is not there")
	}
	script := []byte("#!/bin/sh\nexit 0\n")
	if err := os.WriteFile(filepath.Join(folder, "attest-echo"), script, 0o700); err != nil {
		t.Fatal(err)
	}
	cmd, err := Start(context.Background(), []string{folder}, "echo")
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
}
