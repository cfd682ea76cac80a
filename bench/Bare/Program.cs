using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;

namespace Poolhouse.Signatures;

/// Prints what two bare RS256 signatures cost: CPU microseconds of this process per pair, for as many pairs as the argument says.
static class Program
{
    static void Main(string[] args)
    {
        var pairs = int.Parse(args[0], CultureInfo.InvariantCulture);
        using RSA id = RSA.Create(2048), access = RSA.Create(2048);
        var token = RandomNumberGenerator.GetBytes(700); // about as long as the part of a token that is signed
        Sign(id, access, token, 50);

        using var process = Process.GetCurrentProcess();
        var before = process.TotalProcessorTime;
        Sign(id, access, token, pairs);
        process.Refresh();
        var spent = process.TotalProcessorTime - before;
        Console.WriteLine((spent.TotalMicroseconds / pairs).ToString("F1", CultureInfo.InvariantCulture));
    }

    static void Sign(RSA id, RSA access, byte[] token, int pairs)
    {
        for (var i = 0; i < pairs; i++)
        {
            id.SignData(token, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
            access.SignData(token, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        }
    }
}
