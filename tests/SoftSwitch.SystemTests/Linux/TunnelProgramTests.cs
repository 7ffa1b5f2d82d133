using Microsoft.Win32.SafeHandles;
using SoftSwitch.Forwarding.Ports;
using SoftSwitch.Linux.Endpoints.PacketSockets;
using SoftSwitch.Linux.Interop;
using SoftSwitch.Linux.Tunnels;

namespace SoftSwitch.SystemTests.Linux;

/// <summary>The program at an interface that cuts what is in tunnels.</summary>
public sealed unsafe class TunnelProgramTests
{
    private const int GetLinkById = 30, NextLink = 31, DetachLink = 34;
    private const PortOffloads Tunnels = PortOffloads.UdpTunnels | PortOffloads.OtherTunnels;

    [Fact]
    public void Where_somebody_takes_it_off_a_port_cuts_tunnels_itself()
    {
        Sandbox.NeedsRoot();
        using var sandbox = Sandbox.Make();
        using var elsewhere = Sandbox.Make();
        if (Environment.OSVersion.Version < new Version(6, 6))
            Assert.Skip("needs Linux 6.6");
        var index = sandbox.Links.Require("lo").Index;
        Assert.Null(TunnelProgram.Load());
        // Only once at an interface.
        using var other = elsewhere.Namespace.Run(() => TunnelProgram.Attach(elsewhere.Links.Require("lo").Index))!;
        var (known, program) = About(other);
        using var port = sandbox.Namespace.Run(() => PacketPort.Open("p", 1500, 1, "lo", index, promiscuous: false));
        port.KernelDrops();
        Assert.Equal(Tunnels, port.Offloads & Tunnels);
        var taken = 0;
        for (uint last = 0; Ask(NextLink, last, out var next) >= 0; last = next)
        {
            using var link = new SafeFileHandle(Ask(GetLinkById, next, out _), ownsHandle: true);
            if (!link.IsInvalid && next != known && About(link).Program == program)
                taken += Ask(DetachLink, (uint)link.DangerousGetHandle(), out _) == 0 ? 1 : 0;
        }
        Assert.Equal(1, taken);
        port.KernelDrops();
        Assert.Equal(PortOffloads.None, port.Offloads & Tunnels);
        Assert.True(TunnelProgram.IsThere(other));
    }

    private static int Ask(int what, uint about, out uint answer)
    {
        var attributes = stackalloc uint[4];
        (attributes[0], attributes[1]) = (about, 0);
        var result = (int)Libc.bpf(what, attributes, 4 * sizeof(uint));
        answer = attributes[1];
        return result;
    }

    /// <summary>The link's number, and its program's.</summary>
    private static (uint Link, uint Program) About(SafeFileHandle link)
    {
        var about = stackalloc uint[8];
        var ask = new Bpf.bpf_attr_info
        {
            bpf_fd = (uint)link.DangerousGetHandle(), info_len = 8 * sizeof(uint), info = (ulong)about,
        };
        Assert.Equal(0, Libc.bpf(Bpf.BPF_OBJ_GET_INFO_BY_FD, &ask, (uint)sizeof(Bpf.bpf_attr_info)));
        return (about[1], about[2]);
    }
}
