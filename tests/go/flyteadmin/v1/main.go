// Command v1 prints as JSON the clusters that flyteadmin 1.x sees in the files that its `--config` names.
//
// Finding, merging and decoding the files is done by the library that flyteadmin does it with, and by viper and mapstructure
// in the versions that it is built with. What flyteadmin itself adds is the section `clusters`,
// whose fields are declared here: its module builds only inside of the tree that it lies in.
//
// With the argument `events` it reads pairs of a cluster and a producer from stdin, and prints of each whether flyteadmin takes
// events of that producer for an execution of that cluster.
package main

import (
	"context"
	"encoding/json"
	"log"
	"os"

	"github.com/flyteorg/flytestdlib/config"
	"github.com/flyteorg/flytestdlib/config/viper"
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
		Enabled          bool           `json:"enabled"`
		InCluster        bool           `json:"inCluster"`
		KubeClientConfig map[string]any `json:"kubeClientConfig,omitempty"`
	} `json:"clusterConfigs"`
	LabelClusterMap map[string][]struct {
		ID     string  `json:"id"`
		Weight float32 `json:"weight"`
	} `json:"labelClusterMap"`
	DefaultExecutionLabel string `json:"defaultExecutionLabel"`
}

// defaultProducerID is that of flyteadmin's package common.
const defaultProducerID = "propeller"

// takesEvent has the rule of ValidateCluster in flyteadmin v1.16.8, pkg/manager/impl/validation/shared_execution.go.
func takesEvent(clusterInDB, clusterInEvent string) bool {
	isOfAnyCluster := len(clusterInEvent) == 0 || clusterInEvent == defaultProducerID
	return isOfAnyCluster || clusterInEvent == clusterInDB
}

func events() {
	var pairs [][2]string
	if err := json.NewDecoder(os.Stdin).Decode(&pairs); err != nil {
		log.Fatal(err)
	}
	taken := make([]bool, len(pairs))
	for at, pair := range pairs {
		taken[at] = takesEvent(pair[0], pair[1])
	}
	if err := json.NewEncoder(os.Stdout).Encode(taken); err != nil {
		log.Fatal(err)
	}
}

func main() {
	log.SetFlags(0)
	if len(os.Args) == 2 && os.Args[1] == "events" {
		events()
		return
	}
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
