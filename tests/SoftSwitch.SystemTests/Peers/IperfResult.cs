namespace SoftSwitch.SystemTests.Peers;

/// <summary>What iperf3 measured. Rates are those of the receiver; datagrams are 0 for TCP, retransmits 0 for UDP.</summary>
public sealed record IperfResult(
    long SentBytes, long ReceivedBytes, double BitsPerSecond, int Retransmits, long Datagrams, long LostDatagrams);
