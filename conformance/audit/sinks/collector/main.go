// An OpenTelemetry collector of its own parts: the receiver of OTLP and the exporter to a file.
package main

import (
	"log"

	"github.com/open-telemetry/opentelemetry-collector-contrib/exporter/fileexporter"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/confmap/provider/fileprovider"
	"go.opentelemetry.io/collector/exporter"
	"go.opentelemetry.io/collector/otelcol"
	"go.opentelemetry.io/collector/receiver"
	"go.opentelemetry.io/collector/receiver/otlpreceiver"
)

func main() {
	parts := func() (otelcol.Factories, error) {
		return otelcol.Factories{
			Receivers: map[component.Type]receiver.Factory{
				otlpreceiver.NewFactory().Type(): otlpreceiver.NewFactory(),
			},
			Exporters: map[component.Type]exporter.Factory{
				fileexporter.NewFactory().Type(): fileexporter.NewFactory(),
			},
		}, nil
	}
	files := []confmap.ProviderFactory{fileprovider.NewFactory()}
	collector := otelcol.NewCommand(otelcol.CollectorSettings{
		BuildInfo: component.BuildInfo{Command: "collector", Version: "1"},
		Factories: parts,
		ConfigProviderSettings: otelcol.ConfigProviderSettings{
			ResolverSettings: confmap.ResolverSettings{
				ProviderFactories: files,
				DefaultScheme:     "file",
			},
		},
	})
	if err := collector.Execute(); err != nil {
		log.Fatal(err)
	}
}
