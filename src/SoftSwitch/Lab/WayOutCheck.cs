using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using SoftSwitch.Linux.Namespaces;
using SoftSwitch.Model;
using SoftSwitch.Packets;

namespace SoftSwitch.Lab;

/// <summary>How a nat network is seen outside, and where its forwards lead: with sockets inside the stations' namespaces. A line for what
/// is right, a difference for what isn't.</summary>
internal sealed class WayOutCheck(LabPlan plan, Func<LabStation, NetworkNamespace> spaceOf, CancellationToken stop)
{
    private const int Port = 9;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_again = TimeSpan.FromMilliseconds(200);

    private readonly List<string> _lines = [];
    private readonly List<string> _differences = [];

    public IReadOnlyList<string> Lines => _lines;

    public IReadOnlyList<string> Differences => _differences;

    public void Run()
    {
        foreach (var outside in plan.Outsides)
        {
            if (plan.FirstGuestOf(outside) is { } guest)
                See(outside, guest);
            foreach (var forward in outside.Network.Nat!.Forwards)
                Follow(outside, forward);
        }
        stop.ThrowIfCancellationRequested();
    }

    private void See(LabOutside outside, LabStation guest)
    {
        var internet = plan.Stations[outside.Station];
        using var listener = Open(internet, SocketType.Dgram);
        using var sender = Open(guest, SocketType.Dgram);
        listener.Bind(new IPEndPoint(outside.Far.ToIPAddress(), Port));
        sender.Connect(new IPEndPoint(outside.Far.ToIPAddress(), Port));
        var from = Heard(sender, listener);
        LabReport.SeenAs(outside, internet, guest, from is null ? null : Ipv4Address.Read(from.Address.GetAddressBytes()), _lines,
            _differences);
    }

    private void Follow(LabOutside outside, ForwardModel forward)
    {
        var internet = plan.Stations[outside.Station];
        if (plan.TargetOf(outside.Network, forward) is not { } target)
        {
            _lines.Add(LabReport.NobodyThere(outside, forward));
            return;
        }
        if (!outside.Answers(forward))
        {
            _lines.Add(LabReport.ElsewhereThere(outside, forward));
            return;
        }
        var isTcp = forward.From.Protocol == IpProtocol.Tcp;
        using var listener = Open(target, isTcp ? SocketType.Stream : SocketType.Dgram);
        using var client = Open(internet, isTcp ? SocketType.Stream : SocketType.Dgram);
        listener.Bind(new IPEndPoint(target.Inside!.Value.Address.ToIPAddress(), forward.TargetPort));
        var there = new IPEndPoint(outside.SeenAs.Address.ToIPAddress(), forward.From.First);
        var from = isTcp ? Accepted(client, there, listener) : HeardAt(client, there, listener);
        LabReport.Followed(outside, internet, target, forward,
            from is not null && from.Address.Equals(((IPEndPoint)client.LocalEndPoint!).Address), _lines, _differences);
    }

    private Socket Open(LabStation station, SocketType type) => spaceOf(station).Run(() =>
        new Socket(AddressFamily.InterNetwork, type, type == SocketType.Stream ? ProtocolType.Tcp : ProtocolType.Udp));

    private static IPEndPoint? HeardAt(Socket client, IPEndPoint there, Socket listener)
    {
        client.Connect(there);
        return Heard(client, listener);
    }

    /// <summary>Sends until it is heard: the first one may be lost while neighbors are asked for.</summary>
    private static IPEndPoint? Heard(Socket sender, Socket listener)
    {
        var buffer = new byte[64];
        for (var clock = Stopwatch.StartNew(); clock.Elapsed < s_patience;)
        {
            try
            {
                sender.Send("anyone there?"u8);
            }
            catch (SocketException)
            {
                // An ICMP error for an earlier one.
            }
            if (listener.Poll(s_again, SelectMode.SelectRead))
            {
                EndPoint from = new IPEndPoint(IPAddress.Any, 0);
                listener.ReceiveFrom(buffer, ref from);
                return (IPEndPoint)from;
            }
        }
        return null;
    }

    private IPEndPoint? Accepted(Socket client, IPEndPoint there, Socket listener)
    {
        listener.Listen(1);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        limit.CancelAfter(s_patience);
        try
        {
            client.ConnectAsync(there, limit.Token).AsTask().GetAwaiter().GetResult();
            if (!listener.Poll(s_patience, SelectMode.SelectRead))
                return null;
            using var accepted = listener.Accept();
            return (IPEndPoint)accepted.RemoteEndPoint!;
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            return null;
        }
    }
}
