namespace SoftSwitch.Config.Rows;

/// <summary>Whom a forward leads to: a reservation's name, a port's name or an address, and the port there where it is another
/// one.</summary>
public readonly record struct ForwardTarget(string Host, int? Port)
{
    public override string ToString() => Port is null ? Host : $"{Host}:{Port}";
}
