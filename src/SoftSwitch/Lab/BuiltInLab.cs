namespace SoftSwitch.Lab;

/// <summary>What is played when no file is named: a file like any other. It grows with the modes that are built.</summary>
internal static class BuiltInLab
{
    public const string Name = "the built-in lab";

    public const string Text =
        """
        networks:
          quiet:
            mode: internal
          lab:
            mode: internal
          office:
            mode: bridged
            uplink: uplink

        ports:
          red:     { network: quiet,  kind: guest }
          green:   { network: quiet,  kind: guest }
          blue:    { network: quiet,  kind: guest }
          one:     { network: lab,    kind: guest }
          two:     { network: lab,    kind: guest }
          desk:    { network: office, kind: guest }
          printer: { network: office, kind: guest }

        """;
}
