// Command attestd keeps statements that people vouch for and shares them with peers.
package main

import (
	"log"

	"example.com/attest/internal/config"
	"example.com/attest/internal/server"
	"example.com/attest/internal/store"
)

func main() {
	cfg := config.Load()
	kept, err := store.Open(cfg.Database)
	if err != nil {
		log.Fatalf("the store: %v", err)
	}
	log.Printf("attestd listens on port %d", cfg.Port)
	log.Fatal(server.New(cfg, kept).Run())
}
