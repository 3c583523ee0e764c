"""Starts apertium-apy on 127.0.0.1 only.

apertium-apy has no option for its address and listens on every interface; the two methods of tornado that open a
socket are wrapped so that the address is always the loopback one. Arguments go to apertium-apy unchanged.
"""

import tornado.tcpserver

_bind = tornado.tcpserver.TCPServer.bind
_listen = tornado.tcpserver.TCPServer.listen


def bind(self, port, address=None, *args, **kwargs):
    return _bind(self, port, "127.0.0.1", *args, **kwargs)


def listen(self, port, address="", *args, **kwargs):
    return _listen(self, port, "127.0.0.1", *args, **kwargs)


tornado.tcpserver.TCPServer.bind = bind
tornado.tcpserver.TCPServer.listen = listen

if __name__ == "__main__":
    from apertium_apy.apy import main

    main()
