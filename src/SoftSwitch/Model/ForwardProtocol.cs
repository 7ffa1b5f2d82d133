namespace SoftSwitch.Model;

/// <summary>What is forwarded.</summary>
public enum ForwardProtocol
{
    Tcp,
    Udp,
}
