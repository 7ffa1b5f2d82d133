using System.Net;
using System.Net.Sockets;
using System.Text;
using static SoftSwitch.Linux.Interop.SysSocket;

namespace SoftSwitch.Linux.Namespaces;

/// <summary>A UDP socket of IPv4 that speaks and hears by one interface alone (SO_BINDTODEVICE, socket(7)), which may have no address yet:
/// no route is looked for.</summary>
public static class InterfaceSocket
{
    /// <param name="name">The interface's, in the thread's namespace.</param>
    /// <param name="port">Where it hears.</param>
    /// <exception cref="SocketException">There is no such interface, or somebody hears there.</exception>
    public static Socket Open(string name, ushort port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { EnableBroadcast = true };
        try
        {
            socket.SetRawSocketOption(SOL_SOCKET, SO_BINDTODEVICE, Encoding.ASCII.GetBytes(name));
            socket.Bind(new IPEndPoint(IPAddress.Any, port));
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
