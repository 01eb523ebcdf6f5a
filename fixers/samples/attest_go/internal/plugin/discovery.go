// Package plugin finds and starts the programs that extend attestd.
package plugin

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// Find looks for a plug-in of that name in the folders, the first wins.
func Find(folders []string, name string) (string, error) {
	for _, folder := range folders {
		path := filepath.Join(folder, "attest-"+name)
		if info, err := os.Stat(path); err == nil && !info.IsDir() {
			return path, nil
		}
	}
	return "", fmt.Errorf("there is no plug-in %s", name)
}

// Start runs a plug-in until the context ends.
func Start(ctx context.Context, folders []string, name string) (*exec.Cmd, error) {
	binary, err := Find(folders, name)
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, binary, "--serve")
	return cmd, cmd.Start()
}

// Version asks git which commit the plug-ins were built from; the program is a constant.
func Version(folder string) (string, error) {
	out, err := exec.Command("git", "-C", folder, "rev-parse", "HEAD").Output()
	return string(out), err
}
