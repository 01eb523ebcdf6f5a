package PACKAGE

import (
	"fmt"
	"log"
	"os"
	"strconv"
)

// CheckSecret looks at a secret that has a default in the source. In production (PREFIXPRODUCTION=1) it refuses the
// default and an empty secret; elsewhere it warns of them, without the secret.
func CheckSecret(name, value, known string) error {
	if value != "" && value != known {
		return nil
	}
	if production, _ := strconv.ParseBool(os.Getenv("PREFIXPRODUCTION")); production {
		return fmt.Errorf("%s is empty or the default that everybody can read: refused in production", name)
	}
	log.Printf("%s is empty or the default that everybody can read: for development only", name)
	return nil
}
