namespace SoftSwitch.Config.Yaml;

/// <summary>Stands where something was refused while reading (an alias): its mistake is told, so nobody complains about it again.</summary>
internal sealed record RefusedNode(Position At) : ConfigNode(At);
