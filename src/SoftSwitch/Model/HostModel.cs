namespace SoftSwitch.Model;

/// <summary>The host's own stack as a station of a network. No file names such a port: the switch adds it where a mode asks for
/// it.</summary>
public sealed record HostModel : InterfaceModel
{
    public HostModel() => FloodLimit = FloodLimitOfLan;

    public override string Kind => "host";
}
