// Command v0.1 prints as JSON the clusters that flyteadmin 0.1.1 sees in the files that its `--config` names.
//
// Finding, merging and decoding the files is done by the library that flyteadmin does it with, and by viper and mapstructure
// in the versions that it is built with. What flyteadmin itself adds is the section `clusters`,
// whose fields are declared here: the flyteadmin of that time is no module.
package main

import (
	"context"
	"encoding/json"
	"log"
	"os"

	"github.com/lyft/flytestdlib/config"
	"github.com/lyft/flytestdlib/config/viper"
)

type clusters struct {
	ClusterConfigs []struct {
		Name     string `json:"name"`
		Endpoint string `json:"endpoint"`
		Auth     struct {
			Type      string `json:"type"`
			TokenPath string `json:"tokenPath"`
			CertPath  string `json:"certPath"`
		} `json:"auth"`
		Enabled        bool     `json:"enabled"`
		Weight         float32  `json:"weight"`
		AllowedDomains []string `json:"allowedDomains"`
	} `json:"clusterConfigs"`
	ClusterSelectionStrategy string `json:"clusterSelectionStrategy"`
}

func main() {
	log.SetFlags(0)
	section := config.MustRegisterSection("clusters", &clusters{})
	accessor := viper.NewAccessor(config.Options{SearchPaths: os.Args[1:]})
	if len(accessor.ConfigFilesUsed()) == 0 {
		log.Fatal("no file matches")
	}
	if err := accessor.UpdateConfig(context.Background()); err != nil {
		log.Fatal(err)
	}
	if err := json.NewEncoder(os.Stdout).Encode(section.GetConfig()); err != nil {
		log.Fatal(err)
	}
}
