namespace SoftSwitch.Lab;

/// <summary>What is played when no file is named: a file like any other, with a network of each mode.</summary>
internal static class BuiltInLab
{
    public const string Name = "the built-in lab";

    public const string Text =
        """
        networks:
          office:
            mode: bridged
            uplink: uplink
          dev:
            mode: nat
            subnet: 10.10.0.0/24
            outside: { interface: auto }
            forwards: [{ from: tcp/2222, to: "web:22" }]
          lab:
            mode: host-only
            subnet: 192.168.56.0/24
            host: { interface: ss-lab }
          quiet:
            mode: internal

        ports:
          desk:  { network: office, kind: guest }
          web:   { network: dev,    kind: guest }
          db:    { network: dev,    kind: guest }
          box:   { network: lab,    kind: guest }
          red:   { network: quiet,  kind: guest }
          green: { network: quiet,  kind: guest }

        """;
}
