using System.Net;

namespace SoftSwitch.Lab;

/// <summary>One ping: to whom, by which address, and whether the file says that it is answered.</summary>
internal sealed record LabQuestion(LabStation Answerer, IPAddress Address, bool MustAnswer);
