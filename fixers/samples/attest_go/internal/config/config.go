// Package config reads the settings of attestd from the environment.
package config

import (
	"os"
	"path/filepath"
	"strconv"
)

// Config is what the environment says, with the defaults of a laptop.
type Config struct {
	Port       int
	AuthOn     bool
	AdminToken string
	Database   string
	PluginDirs []string
	Files      string
}

// Load reads the environment.
func Load() Config {
	port, err := strconv.Atoi(envOr("ATTEST_PORT", "8770"))
	if err != nil {
		port = 8770
	}
	return Config{
		Port:       port,
		AuthOn:     os.Getenv("ATTEST_AUTH") == "on",
		AdminToken: envOr("ATTEST_ADMIN_TOKEN", "changeme"),
		Database:   os.Getenv("ATTEST_DATABASE"),
		PluginDirs: filepath.SplitList(os.Getenv("ATTEST_PLUGINS")),
		Files:      envOr("ATTEST_FILES", "files"),
	}
}

func envOr(name, fallback string) string {
	if value := os.Getenv(name); value != "" {
		return value
	}
	return fallback
}
