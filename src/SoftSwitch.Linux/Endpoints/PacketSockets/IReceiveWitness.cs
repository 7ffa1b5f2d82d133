namespace SoftSwitch.Linux.Endpoints.PacketSockets;

/// <summary>Looks at something beside a port: on the port's thread, after the port has received frames and before anyone reads them. It is
/// disposed of with the port.</summary>
internal interface IReceiveWitness : IDisposable
{
    void Look();
}
