using System.Net;
using System.Net.Sockets;
using SoftSwitch.Linux.Namespaces;
using SoftSwitch.SystemTests.Peers;

namespace SoftSwitch.SystemTests.Nat;

/// <summary>Whether a program in a namespace could have a port.</summary>
internal static class Binding
{
    public static bool IsFree(NetNs ns, string protocol, int port, string address = "0.0.0.0")
    {
        Need.RealRoot("sockets of the test in another namespace");
        using var space = NetworkNamespace.Open(ns.Path);
        using var socket = space.Run(() => protocol == "tcp"
            ? new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)
            : new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp));
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Parse(address), port));
            if (protocol == "tcp") socket.Listen();
            return true;
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            return false;
        }
    }
}
