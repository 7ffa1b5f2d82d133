namespace SoftSwitch.Linux.Endpoints.PacketSockets;

/// <summary>Looks at something else beside a port, in the same thread, after the port has received and before anyone sees what. Goes with
/// the port.</summary>
internal interface IReceiveWitness : IDisposable
{
    void Look();
}
